/* The ledger diff; see diff.h. */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

char report_op_sign(enum report_op op) { return "=-+~"[op]; }

const char *report_op_word(enum report_op op) {
  static const char *const words[] = {"same", "missing", "extra", "changed"};
  return words[op];
}

static bool numbers_agree(int64_t expected, int64_t actual) {
  return expected == REPORT_UNSAID || actual == REPORT_UNSAID || expected == actual;
}

static bool texts_agree(const char *expected, const char *actual) {
  return expected == NULL || actual == NULL || strcmp(expected, actual) == 0;
}

bool report_lines_agree(const struct report_line *expected, const struct report_line *actual) {
  return expected->book == actual->book && strcmp(expected->of, actual->of) == 0 &&
         strcmp(expected->what, actual->what) == 0 &&
         numbers_agree(expected->tokens, actual->tokens) &&
         numbers_agree(expected->balance_tokens, actual->balance_tokens) &&
         numbers_agree(expected->amount_minor, actual->amount_minor) &&
         texts_agree(expected->for_id, actual->for_id) && texts_agree(expected->at, actual->at) &&
         texts_agree(expected->id, actual->id);
}

/* ---- Groups ------------------------------------------------------------------------------- */

struct item {
  const struct report_line *line;
  size_t subject_rank; /* answers: the actor's; else past all actors, the client's */
  size_t order;
};

static size_t find_name(const char *const *names, size_t count, const char *name) {
  size_t i = 0;
  while (i < count && strcmp(names[i], name) != 0) {
    i++;
  }
  return i;
}

static size_t subject_rank(const struct report_case *a_case, const struct report_line *line) {
  if (line->book == REPORT_ANSWER) {
    return find_name(a_case->actors, a_case->actor_count, line->of);
  }
  return a_case->actor_count + 1 + find_name(a_case->clients, a_case->client_count, line->of);
}

/* By group; names that the case does not list come last, in byte order. */
static int compare_groups(const struct item *a, const struct item *b) {
  if (a->subject_rank != b->subject_rank) {
    return a->subject_rank < b->subject_rank ? -1 : 1;
  }
  int names = strcmp(a->line->of, b->line->of);
  if (names != 0) {
    return names;
  }
  return (a->line->book > b->line->book) - (a->line->book < b->line->book);
}

static int compare_items(const void *left, const void *right) {
  const struct item *a = left;
  const struct item *b = right;
  int groups = compare_groups(a, b);
  return groups != 0 ? groups : (a->order > b->order) - (a->order < b->order);
}

static struct item *sort_lines(const struct report_case *a_case, const struct report_lines *lines) {
  struct item *items = calloc(lines->count + 1, sizeof *items);
  if (items == NULL) {
    return NULL;
  }
  for (size_t i = 0; i < lines->count; i++) {
    items[i].line = &lines->lines[i];
    items[i].subject_rank = subject_rank(a_case, &lines->lines[i]);
    items[i].order = i;
  }
  qsort(items, lines->count, sizeof *items, compare_items);
  return items;
}

static size_t group_size(const struct item *items, size_t count) {
  size_t size = 0;
  while (size < count && compare_groups(&items[0], &items[size]) == 0) {
    size++;
  }
  return size;
}

/* ---- Alignment ---------------------------------------------------------------------------- */

/* One agreement outweighs every saving in the rest: REPORT_MAX_LINES * 3 is far below it. */
#define AGREE 1000000
#define ALONE (-2)         /* a missing or an extra line */
#define CHANGED_FIELD (-2) /* the same word with other fields: better than missing and extra, -4 */
#define CHANGED_WORD (-3)

static int pair_score(const struct report_line *expected, const struct report_line *actual) {
  if (report_lines_agree(expected, actual)) {
    return AGREE;
  }
  return strcmp(expected->what, actual->what) == 0 ? CHANGED_FIELD : CHANGED_WORD;
}

struct table {
  const struct item *expected;
  const struct item *actual;
  size_t expected_count;
  size_t actual_count;
  int64_t *best; /* of the rests from (i, j) on, (expected_count + 1) * (actual_count + 1) */
};

static int64_t *best_at(const struct table *table, size_t i, size_t j) {
  return &table->best[i * (table->actual_count + 1) + j];
}

static int64_t paired_score(const struct table *table, size_t i, size_t j) {
  return pair_score(table->expected[i].line, table->actual[j].line) + *best_at(table, i + 1, j + 1);
}

static void fill_table(const struct table *table) {
  for (size_t i = table->expected_count + 1; i-- > 0;) {
    for (size_t j = table->actual_count + 1; j-- > 0;) {
      size_t expected_left = table->expected_count - i;
      size_t actual_left = table->actual_count - j;
      if (expected_left == 0 || actual_left == 0) {
        *best_at(table, i, j) = ALONE * (int64_t)(expected_left + actual_left);
        continue;
      }
      int64_t best = paired_score(table, i, j);
      int64_t missing = ALONE + *best_at(table, i + 1, j);
      int64_t extra = ALONE + *best_at(table, i, j + 1);
      best = missing > best ? missing : best;
      *best_at(table, i, j) = extra > best ? extra : best;
    }
  }
}

static void push_line(struct report_diff *diff, enum report_op op,
                      const struct report_line *expected, const struct report_line *actual) {
  diff->lines[diff->count++] = (struct report_diff_line){op, expected, actual};
}

/* Ties: pair first, then missing, then extra. */
static void walk_table(const struct table *table, struct report_diff *diff) {
  size_t i = 0;
  size_t j = 0;
  while (i < table->expected_count || j < table->actual_count) {
    int64_t best = *best_at(table, i, j);
    bool both = i < table->expected_count && j < table->actual_count;
    if (both && paired_score(table, i, j) == best) {
      const struct report_line *expected = table->expected[i++].line;
      const struct report_line *actual = table->actual[j++].line;
      push_line(diff, report_lines_agree(expected, actual) ? REPORT_SAME : REPORT_CHANGED, expected,
                actual);
    } else if (i < table->expected_count && ALONE + *best_at(table, i + 1, j) == best) {
      push_line(diff, REPORT_MISSING, table->expected[i++].line, NULL);
    } else {
      push_line(diff, REPORT_EXTRA, NULL, table->actual[j++].line);
    }
  }
}

static bool align(struct table *table, struct report_diff *diff) {
  size_t cells = (table->expected_count + 1) * (table->actual_count + 1);
  table->best = calloc(cells, sizeof *table->best);
  if (table->best == NULL) {
    return false;
  }
  fill_table(table);
  walk_table(table, diff);
  free(table->best);
  return true;
}

/* Walk both sorted lists group by group, like a merge. */
static bool align_groups(const struct item *expected, size_t expected_count,
                         const struct item *actual, size_t actual_count, struct report_diff *diff) {
  while (expected_count > 0 || actual_count > 0) {
    int order = expected_count == 0 ? 1
                : actual_count == 0 ? -1
                                    : compare_groups(&expected[0], &actual[0]);
    struct table table = {.expected = expected, .actual = actual};
    table.expected_count = order <= 0 ? group_size(expected, expected_count) : 0;
    table.actual_count = order >= 0 ? group_size(actual, actual_count) : 0;
    if (!align(&table, diff)) {
      return false;
    }
    expected += table.expected_count;
    expected_count -= table.expected_count;
    actual += table.actual_count;
    actual_count -= table.actual_count;
  }
  return true;
}

bool report_diff_make(const struct report_case *a_case, const struct report_ending *ending,
                      struct report_diff *diff) {
  size_t limit = ending->expected.count + ending->actual.count;
  struct item *expected = sort_lines(a_case, &ending->expected);
  struct item *actual = sort_lines(a_case, &ending->actual);
  diff->count = 0;
  diff->lines = calloc(limit + 1, sizeof *diff->lines);
  bool ok = expected != NULL && actual != NULL && diff->lines != NULL &&
            align_groups(expected, ending->expected.count, actual, ending->actual.count, diff);
  free(expected);
  free(actual);
  if (!ok) {
    report_diff_free(diff);
  }
  return ok;
}

void report_diff_free(struct report_diff *diff) {
  free(diff->lines);
  diff->lines = NULL;
  diff->count = 0;
}

size_t report_diff_count(const struct report_diff *diff, enum report_op op) {
  size_t count = 0;
  for (size_t i = 0; i < diff->count; i++) {
    count += diff->lines[i].op == op;
  }
  return count;
}
