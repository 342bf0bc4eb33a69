/* Which tasks are enabled in a world. */
#include "machine_inside.h"

static bool have_ended(const struct sim_view *view, uint32_t actors) {
  for (int i = 0; i < view->the_case->actor_count; i++)
    if (actors & 1u << i && view->tasks[i]->state != SIM_TASK_ENDED) return false;
  return true;
}

/* A waiting submit asks again when the reload that it waits for may have ended, or when its
 * client's balance, plan, card or toggle has changed. At any other time it would only be told to
 * wait. */
static bool reload_in_flight(const struct sim_view *view, int client) {
  const struct sim_charge_row *pending =
      sim_charges_pending(view->charges, view->charge_count, client);
  return pending && pending->state != RELOAD_CHARGE_UNKNOWN &&
         view->now_ms < pending->recover_at_ms;
}

static bool can_step(const struct sim_view *view, int actor) {
  const struct sim_task *task = view->tasks[actor];
  if (task->state == SIM_TASK_ENDED || view->now_ms < task->ready_at_ms) return false;
  const struct sim_step *step = &view->the_case->actors[actor].steps[task->step];
  if (task->state == SIM_TASK_IDLE) return have_ended(view, step->after);
  if (task->state == SIM_TASK_WAITING && view->now_ms < task->as.spend.wake_at_ms)
    return task->wake_pending || !reload_in_flight(view, step->client);
  return true;
}

/* The next instant at which an actor can step, when none can now; 0: none. */
static int64_t next_instant_ms(const struct sim_view *view) {
  int64_t next_ms = 0, now_ms = view->now_ms;
  for (int i = 0; i < view->the_case->actor_count; i++) {
    const struct sim_task *task = view->tasks[i];
    int64_t at_ms = task->ready_at_ms;
    if (task->state == SIM_TASK_ENDED) continue;
    if (task->state == SIM_TASK_WAITING && at_ms <= now_ms) at_ms = task->as.spend.wake_at_ms;
    if (at_ms > now_ms && (next_ms == 0 || at_ms < next_ms)) next_ms = at_ms;
  }
  return next_ms;
}

static uint32_t task_steps(const struct sim_view *view) {
  uint32_t steps = 0;
  if (view->at_rest) return 0;
  if (view->closing) return 1u << SIM_BACKGROUND;
  for (int i = 0; i < view->the_case->actor_count; i++)
    if (can_step(view, i)) steps |= 1u << i;
  if (steps) return steps;
  return next_instant_ms(view) ? 1u << SIM_BACKGROUND : 0;
}

uint32_t sim_view_enabled(const struct sim_view *view) {
  uint32_t steps = task_steps(view);
  return steps && view->may_inject ? steps | sim_world_enabled(view) : steps;
}

static struct sim_view view_of(const struct sim_machine *machine) {
  const struct sim_world *world = &machine->world;
  struct sim_view view = {.the_case = machine->the_case,
                          .charges = world->ledger.charges,
                          .charge_count = world->ledger.charge_count,
                          .now_ms = world->clock.now_ms,
                          .at_rest = world->at_rest,
                          .closing = world->closing,
                          .may_inject = world->injected < machine->fault_budget,
                          .gateway_down_until_ms = world->card.down_until_ms,
                          .event_count = world->card.event_count};
  for (int i = 0; i <= SIM_MAX_ACTORS; i++) view.tasks[i] = &world->tasks[i];
  return view;
}

uint32_t sim_machine_enabled(const struct sim_machine *machine) {
  const struct sim_view view = view_of(machine);
  return sim_view_enabled(&view);
}

int64_t sim_next_instant_ms(const struct sim_machine *machine) {
  const struct sim_view view = view_of(machine);
  return next_instant_ms(&view);
}
