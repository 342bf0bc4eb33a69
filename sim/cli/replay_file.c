#include "replay_file.h"

#include "debug.h"
#include "selection.h"
#include "trace_file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The only case of the scenario that lies beside the trace, as a regression does.
 * Returns: null if there is none */
static const struct sim_case *find_beside(struct sim_suite *suite, const char *trace,
                                          const char *file) {
  const struct sim_case *const *cases;
  char path[4096];
  const char *slash = strrchr(trace, '/'), *name = strrchr(file, '/');
  int folder = slash ? (int)(slash - trace) + 1 : 0;
  int size = snprintf(path, sizeof path, "%.*s%s", folder, trace, name ? name + 1 : file);
  if (size <= 0 || (size_t)size >= sizeof path || access(file, R_OK) == 0 ||
      access(path, R_OK) != 0)
    return NULL;
  return sim_suite_read(suite, path) && sim_suite_cases(suite, &cases) == 1 ? cases[0] : NULL;
}

static int replay_in(struct sim_suite *suite, const struct sim_options *options,
                     const struct sim_trace *recording) {
  const struct sim_case *the_case = find_beside(suite, options->paths[0], recording->file);
  if (!the_case) {
    sim_suite_read(suite, recording->file);
    if (sim_print_mistakes(suite) > 0) return SIM_EXIT_INVALID;
    the_case = sim_suite_find(suite, recording->case_id);
  }
  if (the_case)
    return sim_replay(recording, the_case, options->stop_at, options->anyway, stdout, stderr);
  fprintf(stderr, "reloadsim: %s has no case %s any more; run the scenario again\n",
          recording->file, recording->case_id);
  return SIM_EXIT_INVALID;
}

static int replay_trace(const struct sim_options *options, const struct sim_trace *recording) {
  int code = SIM_EXIT_INVALID;
  if (options->stop_at > recording->line_count) {
    fprintf(stderr, "reloadsim: the trace has %d steps; --at %d is beyond its end\n",
            recording->line_count, options->stop_at);
    return SIM_EXIT_USAGE;
  }
  if (options->gdb)
    return sim_debug(options, options->stop_at ? options->stop_at : recording->line_count);
  struct sim_suite *suite = sim_open_suite(options, &code);
  if (suite) code = replay_in(suite, options, recording);
  sim_suite_free(suite);
  return code;
}

int sim_replay_file(const struct sim_options *options) {
  struct sim_trace *recording = sim_trace_read(options->paths[0], options->anyway, stderr);
  int code = recording ? replay_trace(options, recording) : SIM_EXIT_INVALID;
  sim_trace_free(recording);
  return code;
}
