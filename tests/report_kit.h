/* What the tests of reports share: a run directory made from a fixture, and looks at it. */
#ifndef REPORT_KIT_H
#define REPORT_KIT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "report.h"

#include <jansson.h>

char *join(const char *a, const char *b);
/* A whole file as a string, to be freed. */
char *slurp(const char *directory, const char *name);
void spew(const char *directory, const char *name, const char *text);
bool exists(const char *directory, const char *name);
/* A new run directory that holds a fixture's run.json; to be given to drop(). */
char *take(const char *fixture);
/* Remove a directory and what is in it; below cases/ and coverage/ too. */
void clear(const char *directory);
void drop(char *directory);
/* Load a run, write all its reports and return what was said on errors. */
char *write_all(const char *directory, int wanted);
void write_well(const char *directory);
char *terminal(const char *directory, enum report_format format, bool colour);
void assert_has(const char *text, const char *part);
void assert_has_not(const char *text, const char *part);
json_t *load(const char *directory, const char *name);
const char *text_at(const json_t *object, const char *key);
/* What an XPath expression gives on junit.xml, by an independent reader; also checks the syntax. */
void assert_xpath(const char *directory, const char *expression, const char *wanted);
/* `from` replaced by `to` in the directory's run.json. */
void replace_in_run(const char *directory, const char *from, const char *to);

#endif
