#include "interrupt.h"

#include <stddef.h>

static volatile sig_atomic_t came; /* global, as signal handlers have no argument for it */

static void on_signal(int signal_number) {
  (void)signal_number;
  came = 1;
}

static void on_late_signal(int signal_number) {
  if (came) {
    (void)signal(signal_number, SIG_DFL);
    (void)raise(signal_number); /* comes when this handler returns */
  }
  came = 1;
}

static void catch_with(void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags}, hangup;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
    sigaction(SIGHUP, &action, NULL);
}

void sim_interrupt_catch(void) { catch_with(on_signal, 0); }

void sim_interrupt_catch_late(void) {
  came = 0;
  catch_with(on_late_signal, SA_RESTART);
}

bool sim_interrupt_came(void) { return came != 0; }

const volatile sig_atomic_t *sim_interrupt_flag(void) { return &came; }
