#include "finding.h"

#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TAKE(to, ...)                                                                              \
  (void)snprintf(to, sizeof(to), __VA_ARGS__) /* if it is cut, then alike for all */

void sim_signature_of_violation(const struct sim_violation *violation,
                                struct sim_signature *signature) {
  *signature = (struct sim_signature){.kind = "invariant"};
  TAKE(signature->rule, "%s", violation->rule);
  TAKE(signature->harm, "%s", violation->harm);
}

void sim_signature_of_ending(const struct sim_case *the_case, const struct sim_ending *ending,
                             struct sim_match match, struct sim_signature *signature) {
  static struct sim_ending expected; /* static, as it is too large for a stack */
  uint32_t books = 0;
  *signature = (struct sim_signature){.kind = "ambiguous ending"};
  if (match.outcome >= 0) return;
  TAKE(signature->kind, "unexpected ending");
  if (match.nearest >= 0) {
    const struct sim_outcome *nearest = &the_case->outcomes[match.nearest];
    sim_ending_expected(the_case, nearest, &expected);
    books = sim_ending_difference(the_case, nearest, &expected, ending);
  }
  for (int book = SIM_BOOK_ANSWER; book <= SIM_BOOK_MAIL; book++) {
    size_t size = strlen(signature->harm);
    if (books & 1u << book)
      (void)snprintf(signature->harm + size, sizeof signature->harm - size, "%s%s", size ? "+" : "",
                     sim_book_word((enum sim_book)book));
  }
}

void sim_signature_of_every(const struct sim_every *every, struct sim_signature *signature) {
  static const char *const bounds[] = {"at most", "at least", "exactly"};
  *signature = (struct sim_signature){.kind = "every"};
  TAKE(signature->harm, "%s %s %" PRId64, sim_measure_words.list[every->measure],
       bounds[every->bound], every->number);
}

bool sim_signature_equal(const struct sim_signature *a, const struct sim_signature *b) {
  return strcmp(a->kind, b->kind) == 0 && strcmp(a->rule, b->rule) == 0 &&
         strcmp(a->harm, b->harm) == 0;
}

void sim_finding_text(const struct sim_signature *signature, const uint64_t *ending,
                      char text[SIM_FINDING_SIZE]) {
  char hash[SIM_ENDING_HASH_SIZE] = "";
  if (ending) sim_ending_hash_text(*ending, hash);
  (void)snprintf(text, SIM_FINDING_SIZE, "%s%s%s%s%s%s%s", signature->kind,
                 signature->rule[0] ? " " : "", signature->rule, signature->harm[0] ? " " : "",
                 signature->harm, ending ? ", ending " : "", hash);
}
