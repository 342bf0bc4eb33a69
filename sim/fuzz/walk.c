#include "walk.h"

#include "finding.h"
#include "grow.h"
#include "variants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TASKS = SIM_BACKGROUND + 1 };

struct sim_walker {
  const struct sim_case *the_case;
  struct sim_machine *machine;
  struct sim_beginning beginning;
  struct sim_world before; /* the move at hand */
  int answer_count;        /* the most that any choice of the case offers */
  struct sim_order order;
  struct sim_breach breach;
  int move_count;
  size_t room; /* for moves */
  struct sim_move *moves;
};

/* A walk under way. */
struct walk {
  struct sim_walker *walker;
  const struct sim_walk_plan *plan;
  struct sim_random random;
  int priorities[TASKS];
  int changes[16]; /* moves before which the task at hand falls */
  int lowest;      /* priorities below all others that are still to be given */
  struct sim_effect effect;
};

/* ---- Life ---- */

static int most_answers(const struct sim_case *the_case) {
  int most = 2;
  for (int site = 0; site < SIM_SITE_COUNT; site++) {
    int injections = 0;
    (void)sim_site_injections((enum sim_site)site, &injections);
    int count = 1 + the_case->sites[site].count + injections;
    if (count > most) most = count;
  }
  return most;
}

struct sim_walker *sim_walker_new(struct sim_machines *machines, const struct sim_case *the_case,
                                  uint64_t seed, struct reload_message *message) {
  struct sim_walker *walker = calloc(1, sizeof *walker);
  if (!walker) return NULL;
  walker->the_case = the_case;
  walker->answer_count = most_answers(the_case);
  walker->machine = sim_machine_take(machines, the_case, seed, message);
  if (walker->machine &&
      fake_disk_save(sim_machine_disk(walker->machine), &walker->beginning.image)) {
    sim_world_copy(&walker->beginning.world, sim_machine_world(walker->machine), the_case);
    return walker;
  }
  sim_walker_free(walker);
  return NULL;
}

void sim_walker_free(struct sim_walker *walker) {
  if (!walker) return;
  if (walker->machine)
    fake_disk_image_release(sim_machine_disk(walker->machine), &walker->beginning.image);
  sim_machine_free(walker->machine);
  free(walker->moves);
  free(walker);
}

/* ---- Who moves ---- */

static void draw_priorities(struct walk *walk) {
  int within = walk->plan->expected_moves < 1 ? 100 : walk->plan->expected_moves;
  for (int i = 0; i < TASKS; i++) walk->priorities[i] = i + 1;
  for (int i = TASKS - 1; i > 0; i--) {
    int other = (int)sim_random_below(&walk->random, i + 1), kept = walk->priorities[i];
    walk->priorities[i] = walk->priorities[other];
    walk->priorities[other] = kept;
  }
  for (int i = 0; i < walk->plan->change_points && i < 16; i++)
    walk->changes[i] = (int)sim_random_below(&walk->random, within);
}

static int highest(const struct walk *walk, uint32_t moves) {
  int best = -1;
  for (int i = 0; i < TASKS; i++)
    if (moves & 1u << i && (best < 0 || walk->priorities[i] > walk->priorities[best])) best = i;
  return best;
}

static int by_priority(struct walk *walk, uint32_t moves) {
  for (int i = 0; i < walk->plan->change_points && i < 16; i++)
    if (walk->changes[i] == walk->walker->move_count)
      walk->priorities[highest(walk, moves)] = --walk->lowest;
  return highest(walk, moves);
}

static int any_of(struct sim_random *random, uint32_t moves) {
  int count = 0, task = 0;
  for (uint32_t rest = moves; rest; rest &= rest - 1) count++;
  int skip = count == 1 ? 0 : (int)sim_random_below(random, count);
  for (;; task++)
    if (moves & 1u << task && skip-- == 0) return task;
}

static bool may_fault(const struct walk *walk) {
  return sim_machine_world(walk->walker->machine)->injected < walk->plan->fault_limit;
}

static int choose_task(struct walk *walk, uint32_t moves) {
  const uint32_t tasks = (1u << TASKS) - 1;
  if (moves & ~tasks && may_fault(walk) &&
      sim_random_chance(&walk->random, walk->plan->world_permille))
    return any_of(&walk->random, moves & ~tasks);
  if (walk->plan->has_priorities) return by_priority(walk, moves & tasks);
  return any_of(&walk->random, moves & tasks);
}

/* ---- What is answered ---- */

/* How many answers a choice has is known only when it is made: one too high counts as normal. */
static void draw_answers(struct walk *walk, struct sim_tape *tape) {
  memset(tape, 0, sizeof *tape);
  if (walk->plan->answer_permille == 0) return;
  tape->given = SIM_MAX_CHOICES;
  for (int i = 0; i < SIM_MAX_CHOICES; i++)
    if (sim_random_chance(&walk->random, walk->plan->answer_permille))
      tape->answers[i] =
          (uint8_t)(1 + sim_random_below(&walk->random, walk->walker->answer_count - 1));
}

static uint64_t pack(struct sim_tape *tape) {
  for (int i = 0; i < tape->length; i++)
    if (tape->answers[i] >= tape->counts[i]) tape->answers[i] = 0;
  return sim_tape_pack(tape);
}

/* ---- Faults inside a step ---- */

/* One of the faults that the step can show: any kind that fits is as likely, then any place. */
static struct sim_step_fault draw_fault(struct walk *walk, const struct sim_points *points) {
  struct sim_step_fault fault = {.kind = SIM_STEP_FINE};
  int counts[SIM_STEP_FAULT_COUNT] = {0}, cursor = 0;
  uint32_t kinds = 0;
  while (sim_points_next(points, &fault, &cursor)) {
    counts[fault.kind]++;
    kinds |= 1u << fault.kind;
  }
  if (!kinds) return fault;
  int kind = any_of(&walk->random, kinds);
  int64_t left = sim_random_below(&walk->random, counts[kind]);
  cursor = 0;
  while (sim_points_next(points, &fault, &cursor))
    if (fault.kind == kind && left-- == 0) break;
  return fault;
}

/* Make the move once to see where it can fail, then again with a fault there. Both begin with cold
 * caches: else the places would have other numbers on the tape. */
static bool move_with_fault(struct walk *walk, struct sim_move *move, struct sim_tape *tape) {
  struct sim_walker *walker = walk->walker;
  struct sim_points points;
  struct fake_disk_image image = {.record = NULL};
  struct sim_tape first = *tape;
  if (!fake_disk_save(sim_machine_disk(walker->machine), &image)) return false;
  sim_machine_restore(walker->machine, &walker->before, &image);
  sim_machine_watch(walker->machine, move->task, &first, &walk->effect, &points);
  move->fault = draw_fault(walk, &points);
  if (tape->given == 0) tape->given = 1;
  tape->answers[0] = sim_random_chance(&walk->random, 500); /* whether the step is taken again */
  sim_machine_restore(walker->machine, &walker->before, &image);
  if (move->fault.kind != SIM_STEP_FINE)
    sim_machine_fail(walker->machine, move->task, tape, &walk->effect, move->fault);
  else
    sim_machine_move(walker->machine, move->task, tape, &walk->effect);
  fake_disk_image_release(sim_machine_disk(walker->machine), &image);
  return true;
}

/* ---- The walk ---- */

static bool keep_move(struct sim_walker *walker, struct sim_move move) {
  struct sim_move *moves =
      sim_grow(walker->moves, (size_t)walker->move_count, &walker->room, sizeof *moves);
  if (!moves) return false;
  walker->moves = moves;
  walker->moves[walker->move_count++] = move;
  return true;
}

/* Returns: false when out of memory */
static bool step(struct walk *walk, uint32_t moves) {
  struct sim_walker *walker = walk->walker;
  struct sim_tape tape;
  struct sim_move move;
  memset(&move, 0, sizeof move);
  sim_world_copy(&walker->before, sim_machine_world(walker->machine), walker->the_case);
  move.task = (int16_t)choose_task(walk, moves);
  draw_answers(walk, &tape);
  if (move.task > SIM_BACKGROUND || !may_fault(walk) ||
      !sim_random_chance(&walk->random, walk->plan->disk_permille))
    sim_machine_move(walker->machine, move.task, &tape, &walk->effect);
  else if (!move_with_fault(walk, &move, &tape))
    return false;
  move.choices = pack(&tape);
  return keep_move(walker, move);
}

static enum sim_walk_end end_of(struct sim_walker *walker) {
  if (sim_machine_world(walker->machine)->settled)
    return sim_oracle_ending(walker->machine, &walker->order, &walker->breach) ? SIM_WALK_SETTLED
           : walker->breach.is_cut                                             ? SIM_WALK_TOO_LARGE
                                                                               : SIM_WALK_BROKEN;
  sim_breach_deadlock(&walker->breach);
  return SIM_WALK_BROKEN;
}

static bool is_broken(struct sim_walker *walker, const struct sim_effect *effect) {
  return !sim_oracle_state(walker->machine, &walker->before, effect, &walker->breach) ||
         !sim_oracle_walk(effect, &walker->breach);
}

static enum sim_walk_end never_ends(struct sim_walker *walker) {
  sim_breach_never_ends(&walker->breach);
  return SIM_WALK_BROKEN;
}

enum sim_walk_end sim_walk(struct sim_walker *walker, const struct sim_walk_plan *plan,
                           const volatile sig_atomic_t *interrupt, struct sim_marks *marks) {
  struct walk walk = {.walker = walker, .plan = plan, .random = plan->random};
  uint32_t moves;
  walker->move_count = 0;
  sim_order_begin(&walker->order);
  walker->breach = (struct sim_breach){.client = -1};
  sim_machine_set_faults(walker->machine, plan->fault_limit, true);
  sim_machine_restore(walker->machine, &walker->beginning.world, &walker->beginning.image);
  if (plan->has_priorities) draw_priorities(&walk);
  while ((moves = sim_machine_moves(walker->machine)) != 0) {
    if (interrupt && *interrupt) return SIM_WALK_INTERRUPTED;
    if (walker->move_count == SIM_WALK_MAX_MOVES) return never_ends(walker);
    if (!step(&walk, moves)) return SIM_WALK_OUT_OF_MEMORY;
    sim_order_note(&walker->order, walker->machine, &walker->before, &walk.effect);
    if (marks) sim_marks_note(marks, walker->machine, &walker->before, &walk.effect);
    if (is_broken(walker, &walk.effect)) return SIM_WALK_BROKEN;
  }
  return end_of(walker);
}

/* ---- Along a tape ---- */

/* A way told by name, as it is gone. */
struct way {
  struct sim_script *lines;
  int count;
  size_t room;
};

static bool keep_line(struct way *way, const struct sim_machine *machine,
                      const struct sim_effect *effect) {
  struct sim_script *lines = sim_grow(way->lines, (size_t)way->count, &way->room, sizeof *lines);
  if (!lines) return false;
  way->lines = lines;
  sim_machine_script(machine, effect, &way->lines[way->count++]);
  return true;
}

/* The guide's line, or with null the first task's move. Returns: whether a move was made */
static bool guided_move(struct sim_walker *walker, const struct sim_script *line, int fault_budget,
                        struct sim_effect *effect) {
  struct sim_machine *machine = walker->machine;
  bool may_fault = sim_machine_world(machine)->injected < fault_budget;
  struct sim_tape tape = {.length = 0};
  sim_world_copy(&walker->before, sim_machine_world(machine), walker->the_case);
  if (!line) {
    int task = 0;
    while (!(sim_machine_moves(machine) & 1u << task)) task++;
    sim_machine_move(machine, task, &tape, effect);
    return true;
  }
  bool faulty = line->step_fault[0] || strcmp(line->who, "world") == 0;
  return (may_fault || !faulty) && sim_machine_play(machine, line, effect);
}

static enum sim_walk_end go_along(struct sim_walker *walker, const struct sim_recording *guide,
                                  int fault_budget, struct way *way) {
  struct sim_effect effect;
  for (int at = 0; sim_machine_moves(walker->machine) != 0; at++) {
    const struct sim_script *line = at < guide->line_count ? &guide->lines[at] : NULL;
    if (way->count == SIM_WALK_MAX_MOVES) return never_ends(walker);
    if (!guided_move(walker, line, fault_budget, &effect)) continue;
    if (!keep_line(way, walker->machine, &effect)) return SIM_WALK_OUT_OF_MEMORY;
    sim_order_note(&walker->order, walker->machine, &walker->before, &effect);
    if (is_broken(walker, &effect)) return SIM_WALK_BROKEN;
  }
  return end_of(walker);
}

enum sim_walk_end sim_walk_along(struct sim_walker *walker, const struct sim_recording *guide,
                                 int fault_budget, const char *finds, char **tape, int *moves) {
  struct way way = {.lines = NULL};
  char found[160];
  *tape = NULL;
  walker->move_count = 0;
  sim_order_begin(&walker->order);
  walker->breach = (struct sim_breach){.client = -1};
  sim_machine_set_faults(walker->machine, fault_budget, true);
  sim_machine_restore(walker->machine, &walker->beginning.world, &walker->beginning.image);
  enum sim_walk_end end = go_along(walker, guide, fault_budget, &way);
  if (end == SIM_WALK_BROKEN) {
    int size =
        snprintf(found, sizeof found, "oracle %s %s", walker->breach.rule, walker->breach.harm);
    if (size > 0 && strcmp(found, finds) == 0)
      *tape = sim_recording_of(walker->the_case, way.lines, way.count, finds);
  }
  *moves = way.count;
  free(way.lines);
  return end;
}

/* ---- What is left of it ---- */

int sim_walk_moves(const struct sim_walker *walker, const struct sim_move **moves) {
  *moves = walker->moves;
  return walker->move_count;
}

const struct sim_breach *sim_walk_breach(const struct sim_walker *walker) {
  return &walker->breach;
}

char *sim_walk_tape(struct sim_walker *walker, const char *finds) {
  struct sim_move none = {.task = -1};
  return sim_recording_text(walker->machine, &walker->beginning, walker->moves, walker->move_count,
                            none, finds);
}

struct sim_machine *sim_walk_machine(struct sim_walker *walker) {
  return walker->machine;
}
