#include "debug.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int sim_debug(const struct sim_options *options, int step) {
  char at[24], self[4096], rules[4200]; /* resolved here: in gdb's process /proc/self/exe is gdb */
  ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
  int length = snprintf(rules, sizeof rules, "--rules=%s", options->rules ? options->rules : "");
  if (size < 0 || length < 0 || (size_t)length >= sizeof rules) {
    fprintf(stderr, "reloadsim: cannot start gdb: the command line is too long\n");
    return SIM_EXIT_INTERNAL;
  }
  self[size] = '\0';
  (void)snprintf(at, sizeof at, "--at=%d", step);
  /* What is not said becomes --at once more, which changes nothing. */
  (void)execlp("gdb", "gdb", "-q", "-ex", "break sim_replay_here", "-ex", "run", "--args", self,
               "replay", at, options->anyway ? "--anyway" : at, options->rules ? rules : at, "--",
               options->paths[0], (char *)NULL);
  fprintf(stderr, "reloadsim: cannot start gdb: %s; install it, or replay without --gdb\n",
          strerror(errno));
  return SIM_EXIT_USAGE;
}
