#include "certify.h"

#include "json_text.h"
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 4096 };

/* ---- Writing ---- */

static bool cannot_write(const char *path, int error) {
  fprintf(stderr, "reloadsim: cannot write %s: %s\n", path, strerror(error));
  return false;
}

static bool put_file(const char *path, const char *text, size_t size) {
  int error = sim_output_write(path, text, size);
  return error == 0 || cannot_write(path, error);
}

static bool write_certificate(const json_t *run, const char *path) {
  size_t size = 0;
  char *text = sim_certificate_text(run, &size);
  bool written = false;
  if (!text)
    fprintf(stderr, "reloadsim: out of memory\n");
  else if (path)
    written = put_file(path, text, size);
  else
    written = fwrite(text, 1, size, stdout) == size;
  free(text);
  return written;
}

bool sim_certify_report(const json_t *run, const struct sim_options *options) {
  char path[PATH_SIZE];
  int length = snprintf(path, sizeof path, "%s/certificate.json", options->report);
  if (length < 0 || (size_t)length >= sizeof path)
    return cannot_write(options->report, ENAMETOOLONG);
  if (!sim_certificate_refusal(run, options)) return write_certificate(run, path);
  if (remove(path) == 0 || errno == ENOENT) return true;
  return cannot_write(path, errno);
}

/* ---- What is printed ---- */

static long long total_of(const json_t *run, const char *key) {
  return json_integer_value(json_object_get(json_object_get(run, "totals"), key));
}

/* "3 cases, 120 states, 240 transitions"; failed and cut cases are always named. */
static void say_totals(const json_t *run) {
  const json_t *cases = json_object_get(run, "cases");
  size_t count = json_array_size(cases), cut = 0;
  for (size_t i = 0; i < count; i++)
    cut += !json_is_true(json_object_get(json_array_get(cases, i), "exhausted"));
  printf("%zu case%s, %lld states, %lld transitions", count, count == 1 ? "" : "s",
         total_of(run, "states"), total_of(run, "transitions"));
  long long failed = (long long)count - total_of(run, "passed");
  if (failed > 0) printf(", %lld not passed", failed);
  if (cut > 0) printf(", %zu not explored to the end", cut);
}

int sim_certify(const json_t *run, const struct sim_options *options, int code) {
  const char *path = options->output, *refusal = sim_certificate_refusal(run, options);
  if (refusal) {
    fprintf(stderr, "reloadsim: no certificate was written: %s\n", refusal);
    return code;
  }
  if (!write_certificate(run, path)) return SIM_EXIT_INTERNAL;
  if (!path) return code;
  fputs("certified: ", stdout);
  say_totals(run);
  printf("; written to %s\n", path);
  return code;
}

/* ---- Checking ---- */

/* Write and read the present certificate like the other one, so that both have the same form. */
static struct sim_certificate *certificate_of(const json_t *run) {
  size_t size = 0;
  char *text = sim_certificate_text(run, &size);
  struct sim_certificate *certificate =
      text ? sim_certificate_parse("this run", text, size, stderr) : NULL;
  free(text);
  return certificate;
}

int sim_certify_compare(const struct sim_certificate *certificate, const json_t *run,
                        const struct sim_options *options, int code) {
  const char *refusal = sim_certificate_refusal(run, options);
  if (refusal) {
    fprintf(stderr, "reloadsim: the certificate cannot be checked: %s\n", refusal);
    return code;
  }
  struct sim_certificate *now = certificate_of(run);
  if (!now) return SIM_EXIT_INTERNAL;
  int differences = sim_certificate_compare(certificate, now, stdout);
  if (differences > 0) {
    printf("certificate does not hold: %d difference%s, of the same engine and scenarios\n",
           differences, differences == 1 ? "" : "s");
  } else {
    fputs("certificate holds: ", stdout);
    say_totals(run);
    printf(", root %s\n", sim_json_get(sim_certificate_tree(now), "root")->text);
  }
  sim_certificate_free(now);
  return differences > 0 ? SIM_EXIT_FAILED : SIM_EXIT_PASSED;
}
