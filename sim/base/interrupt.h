/* SIGINT, SIGTERM and SIGHUP ask the program to stop, without losing what is known so far. A SIGHUP
 * that is ignored (nohup) stays ignored. */
#ifndef SIM_INTERRUPT_H
#define SIM_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

/* From now on any number of signals only sets the flag, and interrupts system calls. */
void sim_interrupt_catch(void);

/* For the short end of a run, in which nothing that is written may be cut off: earlier signals are
 * forgotten, the next one only sets the flag, and one more ends the process. */
void sim_interrupt_catch_late(void);

/* Whether a signal has come; the flag itself, for loops that look at it often. */
bool sim_interrupt_came(void);
const volatile sig_atomic_t *sim_interrupt_flag(void);

#endif
