/* The clock jumps; what takes its time takes as long as before. */
#include "machine_inside.h"

void sim_clock_jump(struct sim_machine *machine, int64_t delta_ms) {
  struct sim_world *world = &machine->world;
  int64_t old_ms = world->clock.now_ms;
  fake_clock_move(&world->clock, delta_ms);
  int64_t moved_ms = world->clock.now_ms - old_ms;
  for (int i = 0; i <= SIM_BACKGROUND; i++) {
    struct sim_task *task = &world->tasks[i];
    if (task->ready_at_ms > old_ms) task->ready_at_ms += moved_ms;
    if (task->state == SIM_TASK_WAITING)
      task->wake_pending = 1; /* it polls, and reads another time */
  }
  for (int i = 0; i < world->card.event_count; i++)
    if (world->card.events[i].not_before_ms > old_ms)
      world->card.events[i].not_before_ms += moved_ms;
  if (world->card.down_until_ms > old_ms) world->card.down_until_ms += moved_ms;
  if (world->mail.down_until_ms > old_ms) world->mail.down_until_ms += moved_ms;
  fake_card_advance(&world->card, world->clock.now_ms);
  fake_mail_advance(&world->mail, world->clock.now_ms);
}
