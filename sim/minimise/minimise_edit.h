/* What the files of minimising share: the cuts, as edits of a scenario's JSON. An edit may leave a
 * scenario that the reader refuses (a refund of an action that is gone); then it is no
 * candidate. */
#ifndef SIM_MINIMISE_EDIT_H
#define SIM_MINIMISE_EDIT_H

#include "scenario.h"

#include <jansson.h>

/* A list of things that can be cut; `of` selects one of several such lists. */
struct sim_cut_list {
  size_t (*count)(json_t *scenario, size_t of);
  void (*cut)(json_t *scenario, size_t of, size_t from, size_t count);
};

extern const struct sim_cut_list sim_cut_actors; /* of: not used */
extern const struct sim_cut_list sim_cut_steps;  /* of: the actor's index; the last step stays */
/* With all steps that deal with them, refunds of what these bought, and actors without a step left.
 * `of` is not used. */
extern const struct sim_cut_list sim_cut_clients;
extern const struct sim_cut_list sim_cut_faults; /* of: enum sim_site; those that may happen */

/* An actor, or a step of one that has more than one. */
struct sim_unit {
  size_t actor, step;
  bool is_actor;
};

/* The nth one, actors first. Returns: false if there are fewer */
bool sim_nth_unit(json_t *scenario, size_t n, struct sim_unit *unit);

/* Cut two units at once, given in their order, where neither can go alone.
 * Returns: false if one is a part of the other; then nothing is changed */
bool sim_cut_units(json_t *scenario, struct sim_unit first, struct sim_unit second);

/* Merge: one client takes over all steps of another, or one actor appends those of another; the
 * other one is removed. Returns: false if these two do not exist */
bool sim_merge_clients(json_t *scenario, size_t from, size_t to);
bool sim_merge_actors(json_t *scenario, size_t from, size_t to);

/* The key under which a step names its client; null: its verb deals with none. */
const char *sim_step_client_key(json_t *step);

/* The client that a step deals with; null: none or unknown. The step's verb; "": none.
 */
const char *sim_step_client(json_t *scenario, json_t *step);
const char *sim_step_verb(json_t *step);

/* Remove an actor, and every "after" that names it. */
void sim_cut_actor(json_t *scenario, const char *name);

/* The actors of a scenario: "when". */
json_t *sim_when(json_t *scenario);

/* The name of the nth member of an object, or null. */
const char *sim_nth_key(json_t *object, size_t n);

/* Whether a value is a string with this text. */
bool sim_is_text(const json_t *value, const char *text);

/* How strong a fault is, from 0. A failure that a weak fault causes says more about the engine. */
int sim_fault_strength(const char *text);

/* Sort the faults that may happen, the weakest first. */
void sim_sort_faults(json_t *scenario);

/* Apply a simplification, numbered from 0: leave out a key that has a default, make clients plain,
 * set balance 0 and costs 1, replace a power cut by a crash or a fault of every call by one of the
 * first call.
 * Returns: false if there is no such number; *changed: whether it changed anything */
bool sim_simplify(json_t *scenario, size_t number, bool *changed);

/* Declare a fault, so that it need not be injected: allow one more fault and this one at its site;
 * or add an actor with a step of the world. */
void sim_declare_fault(json_t *scenario, enum sim_site site, const char *text);
void sim_declare_step(json_t *scenario, const char *verb, json_t *value);

/* Remove a client, the actors that deal only with it, and what outcomes and bounds say about them.
 * Returns: false if an actor deals with other clients too, or another actor waits for one that
 *          would go; then the scenario is unusable */
bool sim_cut_client_apart(json_t *scenario, size_t client);

/* Remove an actor's last step if outcomes can change only in that step's own answer. Returns: false
 * if more could change; then nothing is removed */
bool sim_cut_idle_step(json_t *scenario, size_t actor);

#endif
