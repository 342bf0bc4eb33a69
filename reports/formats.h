/* Every report of a run that is one file of text, defined once: a new one is a row here and a
 * renderer in a file of its own. (Pages and their style are no formats: see html.h.) */
#ifndef REPORT_FORMATS_H
#define REPORT_FORMATS_H

/* X(NAME, name, file, word)
 *   name  report_render_name() writes it; see view.h
 *   file  its name in a report directory
 *   word  what --format calls it */
#define REPORT_FORMATS(X)                                                                          \
  X(TEXT, text, "report.txt", "text")      /* for people */                                        \
  X(JUNIT, junit, "junit.xml", "junit")    /* JUnit XML as Jenkins and GitLab read it */           \
  X(TAP, tap, "results.tap", "tap")        /* TAP version 14 */                                    \
  X(JSON, summary, "summary.json", "json") /* "reloadsim-summary-1": answer, totals, failures */   \
  X(LEDGER, ledger_text, "ledger-diff.txt", "ledger") /* the money of every ending */              \
  X(LEDGER_JSON, ledger_json, "ledger-diff.json", "ledger-json")                                   \
  X(RULES, rules_text, "rule-coverage.txt", "rules") /* every rule and the cases that test it */   \
  X(RULES_JSON, rules_json, "rule-coverage.json", "rules-json")

#define REPORT_FORMAT(NAME, ...) REPORT_##NAME,
enum report_format { REPORT_FORMATS(REPORT_FORMAT) REPORT_FORMAT_COUNT };
#undef REPORT_FORMAT

#endif
