#include "debug.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int sim_debug(const struct sim_options *options, int move) {
  char at[16], self[4096]; /* what /proc/self/exe is for gdb is gdb */
  const char *words[20] = {"gdb",    "-q",   "-ex",    "break sim_replay_here",
                           "-ex",    "run",  "--args", self,
                           "replay", "--at", at};
  int count = 11;
  ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
  if (size < 0) {
    fprintf(stderr, "reloadsim: this program's own path is not known: %s\n", strerror(errno));
    return SIM_EXIT_INTERNAL;
  }
  self[size] = '\0';
  (void)snprintf(at, sizeof at, "%d", move);
  if (options->anyway) words[count++] = "--anyway";
  if (options->rules) {
    words[count++] = "--rules";
    words[count++] = options->rules;
  }
  words[count++] = "--";
  words[count++] = options->paths[0];
  union { /* execvp() writes to none of them */
    const char **read;
    char *const *taken;
  } list = {.read = words};
  (void)execvp("gdb", list.taken);
  fprintf(stderr, "reloadsim: gdb cannot be started: %s\n", strerror(errno));
  return SIM_EXIT_USAGE;
}
