/* The variants of one state: every move that can be made in it, with every answer that is open and
 * every injected fault, one after the other. */
#ifndef SIM_VARIANTS_H
#define SIM_VARIANTS_H

#include "machine.h"

/* A move with its answers: enough to make it again. */
struct sim_move {
  uint64_t choices; /* sim_tape_pack() */
  int16_t task;     /* or one of SIM_MOVE_... */
  struct sim_step_fault fault;
};

struct sim_variants {
  uint32_t moves; /* tasks still to be tried, the present one included; 0: none is left */
  struct sim_tape tape;
  struct sim_points points;    /* of the task being tried: where it can fail inside */
  struct sim_step_fault fault; /* being tried; kind SIM_STEP_FINE: none */
  int cursor;                  /* of sim_points_next() */
};

/* Begin with the moves that sim_machine_moves() tells. */
void sim_variants_begin(struct sim_variants *variants, uint32_t moves);

/* Whether the present variant is one that can be failed inside, or is: it must begin in a state
 * that was restored, with cold caches, so that operations keep their numbers. */
bool sim_variants_can_fail(const struct sim_variants *variants, int injected, int fault_budget);

/* Make the present variant in a machine that is in the state, and point at the next one.
 * In:      can_fail  as sim_variants_can_fail() says
 * Returns: the move that was made */
struct sim_move sim_variants_make(struct sim_variants *variants, struct sim_machine *machine,
                                  bool can_fail, struct sim_effect *effect);

/* Make a move again, in the state in which it was made before.
 * Returns: false if it cannot be made, since something has gone differently: nothing happens, and
 *          effect->strayed tells it, too */
bool sim_move_again(struct sim_machine *machine, struct sim_move move, struct sim_effect *effect);

/* The order of the variants of one state, by content: no search order shows in it. */
bool sim_move_is_earlier(const struct sim_move *a, const struct sim_move *b);
uint64_t sim_move_hash(const struct sim_move *move); /* of all that this order compares */

#endif
