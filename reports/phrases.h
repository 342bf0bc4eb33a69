/* The words of a ledger line: in sentences for product people, and terse for testers. */
#ifndef REPORT_PHRASES_H
#define REPORT_PHRASES_H

#include "run.h"

#include <stdbool.h>
#include <stdio.h>

/* report_markup() or report_text(): how the words are escaped. */
typedef void report_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What happened, without the subject: "the action goes through",
 * "+100 tokens: automatic top-up for creative-7".
 * currency: of the case */
void report_line_words(FILE *out, report_print *print, const struct report_currency *currency,
                       const struct report_line *line);

/* The whole line in the words of the scenario language, without list and subject:
 * "top_up +100 for creative-7, balance 105, 2026-01-15T12:00:00.000Z". */
void report_line_terse(FILE *out, report_print *print, const struct report_currency *currency,
                       const struct report_line *line);

/* An amount: "10.00 USD"; "1000 minor units" without a currency. */
void report_money(FILE *out, report_print *print, const struct report_currency *currency,
                  int64_t amount_minor);

/* '+' or '-' for the effect of a log entry on the balance, 0 if its word is unknown. */
char report_entry_sign(const struct report_line *line);

/* A theme's name for a heading: "Unknown outcomes" for "unknown-outcomes". */
void report_theme_words(FILE *out, report_print *print, const struct report_case *a_case);

/* Whether the date of `at` must be shown: it is the first one, or differs from that of `before`,
 * which may be null. */
bool report_is_new_day(const char *before, const char *at);

/* "12:00:00.000" of "2026-01-15T12:00:00.000Z"; other texts unchanged. Writes at most 12 bytes and
 * the NUL to `clock`. Returns: the text to show */
const char *report_clock_words(const char *at, char clock[16]);

#endif
