/* What all invariants share: filling in a violation, and the names in its text. */
#include "checker.h"

#include <stdarg.h>
#include <stdio.h>

bool sim_checker_violation(const struct checker *checker, const char *rule, const char *harm,
                           int client, const char *format, ...) {
  va_list args;
  *checker->violation = (struct sim_violation){.rule = rule, .harm = harm, .client = client};
  va_start(args, format);
  int size = vsnprintf(checker->violation->text, sizeof checker->violation->text, format, args);
  va_end(args);
  if (size < 0) checker->violation->text[0] = '\0';
  return false;
}

const char *sim_checker_client(const struct checker *checker, int client) {
  return client < 0 ? "?" : checker->the_case->clients[client].name;
}

const char *sim_checker_action(const struct checker *checker, int action) {
  return action < 0 ? "?" : sim_machine_names(checker->machine)->ids[action];
}

const struct sim_step *sim_checker_step(const struct checker *checker) {
  int task = checker->effect->task;
  return &checker->the_case->actors[task].steps[checker->before->tasks[task].step];
}

int sim_toggle_count(const struct sim_ledger *ledger, int client) {
  int count = 0;
  for (int i = 0; i < ledger->toggle_count; i++) count += ledger->toggles[i].client == client;
  return count;
}
