/* SIGINT, SIGTERM and SIGHUP: who asks for a stop gets one, and loses nothing that is known. A
 * SIGHUP that is ignored (nohup) stays ignored. */
#ifndef SIM_INTERRUPT_H
#define SIM_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

/* From now on any number of signals only sets the flag, and system calls are broken off. */
void sim_interrupt_catch(void);

/* What follows is short, and nothing that is written may break off: a signal that has come is
 * forgotten, the next one only sets the flag, and one more ends the process. */
void sim_interrupt_catch_late(void);

/* Whether a signal has come; the flag itself, for loops that look at it often. */
bool sim_interrupt_came(void);
const volatile sig_atomic_t *sim_interrupt_flag(void);

#endif
