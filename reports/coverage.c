/* Rule coverage and the release answer; see coverage.h. */
#include "coverage.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *report_cover_word(enum report_cover cover) {
  static const char *const words[] = {"not covered", "failing", "not proven", "covered"};
  return words[cover];
}

const char *report_answer_word(enum report_answer answer) {
  static const char *const words[] = {"yes", "no", "not proven"};
  return words[answer];
}

const char *report_answer_headline(enum report_answer answer) {
  static const char *const words[] = {"Safe to release", "Do not release", "Not proven yet"};
  return words[answer];
}

/* ---- Coverage ----------------------------------------------------------------------------- */

static bool names_rule(const struct report_case *a_case, const char *rule) {
  for (size_t i = 0; i < a_case->rule_count; i++) {
    if (strcmp(a_case->rules[i], rule) == 0) {
      return true;
    }
  }
  return false;
}

static enum report_cover cover_of(const struct report_cover_row *row) {
  enum report_cover cover = row->case_count == 0 ? REPORT_HOLE : REPORT_COVERED;
  for (size_t i = 0; i < row->case_count; i++) {
    switch (row->cases[i]->verdict) {
      case REPORT_FAILED:
      case REPORT_NONDETERMINISTIC: return REPORT_BROKEN;
      case REPORT_NOT_EXHAUSTED: cover = REPORT_OPEN; break;
      case REPORT_PASSED: break;
    }
  }
  return cover;
}

static bool fill_row(const struct report_run *run, const struct report_rule *rule,
                     struct report_cover_row *row) {
  row->rule = rule;
  row->cases = calloc(run->case_count + 1, sizeof *row->cases);
  if (row->cases == NULL) {
    return false;
  }
  for (size_t i = 0; i < run->case_count; i++) {
    if (names_rule(&run->cases[i], rule->id)) {
      row->cases[row->case_count++] = &run->cases[i];
    }
  }
  row->cover = cover_of(row);
  return true;
}

static bool in_catalogue(const struct report_run *run, const char *rule) {
  for (size_t i = 0; i < run->rule_count; i++) {
    if (strcmp(run->rules[i].id, rule) == 0) {
      return true;
    }
  }
  return false;
}

static bool find_strangers(const struct report_run *run, struct report_coverage *coverage) {
  size_t named = 1;
  for (size_t i = 0; i < run->case_count; i++) {
    named += run->cases[i].rule_count;
  }
  coverage->strangers = calloc(named, sizeof *coverage->strangers);
  if (coverage->strangers == NULL) {
    return false;
  }
  for (size_t i = 0; i < run->case_count; i++) {
    const struct report_case *a_case = &run->cases[i];
    for (size_t j = 0; j < a_case->rule_count; j++) {
      if (!in_catalogue(run, a_case->rules[j])) {
        coverage->strangers[coverage->stranger_count++] =
            (struct report_stranger){a_case, a_case->rules[j]};
      }
    }
  }
  return true;
}

bool report_coverage_make(const struct report_run *run, struct report_coverage *coverage) {
  *coverage = (struct report_coverage){.count = run->rule_count};
  coverage->rows = calloc(run->rule_count + 1, sizeof *coverage->rows);
  bool ok = coverage->rows != NULL;
  for (size_t i = 0; ok && i < run->rule_count; i++) {
    ok = fill_row(run, &run->rules[i], &coverage->rows[i]);
    coverage->covered += coverage->rows[i].cover == REPORT_COVERED;
    coverage->holes += coverage->rows[i].cover == REPORT_HOLE;
    coverage->broken += coverage->rows[i].cover == REPORT_BROKEN;
    coverage->open += coverage->rows[i].cover == REPORT_OPEN;
  }
  ok = ok && find_strangers(run, coverage);
  if (!ok) {
    report_coverage_free(coverage);
  }
  return ok;
}

void report_coverage_free(struct report_coverage *coverage) {
  for (size_t i = 0; coverage->rows != NULL && i < coverage->count; i++) {
    free(coverage->rows[i].cases);
  }
  free(coverage->rows);
  free(coverage->strangers);
  *coverage = (struct report_coverage){.count = 0};
}

/* ---- The release answer
 * --------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static void
add_reason(struct report_summary *summary, enum report_answer answer, const char *format, ...) {
  if (summary->reason_count == REPORT_MAX_REASONS) {
    return;
  }
  if (summary->answer != REPORT_NO) {
    summary->answer = answer;
  }
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(summary->reasons[summary->reason_count], sizeof summary->reasons[0], format, arguments);
  va_end(arguments);
  summary->reason_count++;
}

static void add_case_reasons(const struct report_totals *totals, struct report_summary *summary) {
  if (totals->failed > 0) {
    add_reason(summary, REPORT_NO, "%zu of %zu case%s failed", totals->failed, totals->cases,
               totals->cases == 1 ? "" : "s");
  }
  if (totals->nondeterministic > 0) {
    add_reason(summary, REPORT_NO, "%zu of %zu case%s were different when run again",
               totals->nondeterministic, totals->cases, totals->cases == 1 ? "" : "s");
  }
  if (totals->not_exhausted > 0) {
    add_reason(summary, REPORT_NOT_PROVEN, "of %zu case%s %zu were not explored to the end",
               totals->cases, totals->cases == 1 ? "" : "s", totals->not_exhausted);
  }
  if (totals->cases == 0) {
    add_reason(summary, REPORT_NOT_PROVEN, "no case was run");
  }
}

void report_summary_make(const struct report_run *run, const struct report_coverage *coverage,
                         struct report_summary *summary) {
  *summary = (struct report_summary){.answer = REPORT_YES};
  if (run->mistake_count > 0) {
    add_reason(summary, REPORT_NO, "%zu mistake%s in the scenario files", run->mistake_count,
               run->mistake_count == 1 ? "" : "s");
  }
  add_case_reasons(&run->totals, summary);
  if (report_run_is_partial(run)) {
    add_reason(summary, REPORT_NOT_PROVEN, "only a part of the suite was run");
  }
  if (run->faults != NULL && strcmp(run->faults, "none") == 0) {
    add_reason(summary, REPORT_NOT_PROVEN, "declared faults were left out");
  }
  if (coverage->count == 0) {
    add_reason(summary, REPORT_NOT_PROVEN, "there is no rule catalogue, so coverage is unknown");
  } else if (coverage->holes > 0 && !report_run_is_partial(run)) {
    add_reason(summary, REPORT_NOT_PROVEN, "%zu of %zu rules ha%s no case", coverage->holes,
               coverage->count, coverage->holes == 1 ? "s" : "ve");
  }
  if (coverage->stranger_count > 0) {
    add_reason(summary, REPORT_NOT_PROVEN, "cases name rules that are not in the catalogue");
  }
}
