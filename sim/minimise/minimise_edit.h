/* Inside minimising: the cuts, as edits of a scenario's JSON. An edit may leave a scenario that
 * cannot be read any more (a refund of an action that is gone): then it is no candidate. */
#ifndef SIM_MINIMISE_EDIT_H
#define SIM_MINIMISE_EDIT_H

#include "scenario.h"

#include <jansson.h>

/* A list of things that can be cut out, `of` telling which of several such lists. */
struct sim_cut_list {
  size_t (*count)(json_t *scenario, size_t of);
  void (*cut)(json_t *scenario, size_t of, size_t from, size_t count);
};

extern const struct sim_cut_list sim_cut_actors; /* of: not looked at */
extern const struct sim_cut_list sim_cut_steps;  /* of: the actor's place; the last step stays */
/* With all steps that deal with them, refunds of what these bought, and actors without any step
 * left. `of` is not looked at. */
extern const struct sim_cut_list sim_cut_clients;
extern const struct sim_cut_list sim_cut_faults; /* of: enum sim_site; those that may happen */

/* An actor, or a step of one that has more than one. */
struct sim_unit {
  size_t actor, step;
  bool is_actor;
};

/* The nth one, actors first. Returns: false if there are fewer */
bool sim_nth_unit(json_t *scenario, size_t n, struct sim_unit *unit);

/* Cut two at once, which are given in their order: one that answers another cannot go alone.
 * Returns: false if one is a part of the other; then nothing was changed */
bool sim_cut_units(json_t *scenario, struct sim_unit first, struct sim_unit second);

/* One client takes over what another one does, or an actor, in the end, the steps of another one;
 * that other one goes. Returns: false if there are no two such */
bool sim_merge_clients(json_t *scenario, size_t from, size_t to);
bool sim_merge_actors(json_t *scenario, size_t from, size_t to);

/* The client that a step deals with; null: none, or it cannot be told. The step's verb; "": none.
 */
const char *sim_step_client(json_t *scenario, json_t *step);
const char *sim_step_verb(json_t *step);

/* Remove an actor; nobody waits for it any more. */
void sim_cut_actor(json_t *scenario, const char *name);

/* The name of the nth member of an object, or null. */
const char *sim_nth_key(json_t *object, size_t n);

/* Whether a value is this text. */
bool sim_is_text(const json_t *value, const char *text);

/* How strong a fault is, from 0. A run that is broken by a weak fault tells more than one that
 * needs a strong one. */
int sim_fault_strength(const char *text);

/* Put faults that may happen in order, the weakest first. */
void sim_sort_faults(json_t *scenario);

/* Simplifications numbered from 0: keys that have a default are left out, clients become plain, the
 * balance 0 and costs 1, a power cut a crash, a fault of each call one of the first call.
 * Returns: false if there is no such number; *changed tells whether it changed anything */
bool sim_simplify(json_t *scenario, size_t number, bool *changed);

/* Declare a fault, so that it need not be injected: let one more call show a fault, one of this
 * site this one; or let the world do a step beside the actors. */
void sim_declare_fault(json_t *scenario, enum sim_site site, const char *text);
void sim_declare_step(json_t *scenario, const char *verb, json_t *value);

/* Remove a client, the actors that deal with no other, and what outcomes and bounds say of them.
 * Returns: false if an actor deals with others too, or one waits for another that would go: then
 * the scenario is spoilt */
bool sim_cut_client_apart(json_t *scenario, size_t client);

/* Remove an actor's last step if that can change nothing that outcomes say but the step's own
 * answer. Returns: false if it could; then nothing was changed */
bool sim_cut_idle_step(json_t *scenario, size_t actor);

#endif
