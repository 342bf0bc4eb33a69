/* What all judges need: how to say what is wrong, and names for it. */
#include "oracle_inside.h"

#include <stdarg.h>
#include <stdio.h>

bool sim_court_breach(const struct court *court, const char *rule, const char *harm, int client,
                      const char *format, ...) {
  va_list args;
  *court->breach = (struct sim_breach){.rule = rule, .harm = harm, .client = client};
  va_start(args, format);
  int size = vsnprintf(court->breach->text, sizeof court->breach->text, format, args);
  va_end(args);
  if (size < 0) court->breach->text[0] = '\0';
  return false;
}

const char *sim_court_client(const struct court *court, int client) {
  return client < 0 ? "?" : court->the_case->clients[client].name;
}

const char *sim_court_action(const struct court *court, int action) {
  return action < 0 ? "?" : sim_machine_names(court->machine)->ids[action];
}

const struct sim_step *sim_court_step(const struct court *court) {
  int task = court->effect->task;
  return &court->the_case->actors[task].steps[court->before->tasks[task].step];
}

int sim_toggle_count(const struct sim_books *books, int client) {
  int count = 0;
  for (int i = 0; i < books->toggle_count; i++) count += books->toggles[i].client == client;
  return count;
}
