#include "variants.h"

#include "grow.h"

#include <stdlib.h>
#include <string.h>

static bool add_variant(struct sim_variants *variants, const struct sim_transition *transition) {
  struct sim_transition *list =
      sim_grow(variants->list, variants->count, &variants->room, sizeof *list);
  if (!list) return false;
  variants->list = list;
  variants->list[variants->count++] = *transition;
  return true;
}

void sim_variants_begin(struct sim_variants *variants, int task, bool can_fail) {
  struct sim_transition plain;
  memset(&plain, 0, sizeof plain);
  plain.task = (int16_t)task;
  variants->count = variants->next = 0;
  variants->can_fail = can_fail;
  variants->keeps_moments = false;
  variants->failed = !add_variant(variants, &plain);
}

void sim_variants_keep_moments(struct sim_variants *variants) { variants->keeps_moments = true; }

bool sim_variants_more(const struct sim_variants *variants) {
  return variants->next < variants->count;
}

/* Each code that may be chosen after the last choice of the present variant makes a new one. */
static void branch_variants(struct sim_variants *variants, const struct sim_choice_point *point) {
  struct sim_transition other = variants->list[variants->next];
  if (other.count == SIM_MAX_CHOICES) {
    variants->too_many |= point->count > 0;
    return;
  }
  struct sim_choice *choice = &other.choices[other.count++];
  choice->site = (uint16_t)point->site;
  choice->nth = (uint16_t)point->nth;
  for (int i = 0; i < point->count; i++) {
    choice->code = point->codes[i];
    if (!add_variant(variants, &other)) variants->failed = true;
  }
}

static uint16_t choose_variant(void *self, const struct sim_choice_point *point) {
  struct sim_variants *variants = self;
  const struct sim_transition *present = &variants->list[variants->next];
  if (variants->made == present->count) {
    branch_variants(variants, point);
    return 0;
  }
  const struct sim_choice *next = &present->choices[variants->made];
  if (next->site != point->site || next->nth != point->nth) return 0;
  variants->made++;
  return next->code;
}

void sim_variants_make(struct sim_variants *variants, struct sim_machine *machine,
                       struct sim_effect *effect) {
  const struct sim_transition *present = &variants->list[variants->next];
  int count = present->count;
  bool plain = count == 0 && variants->can_fail;
  const struct sim_strategy strategy = {.self = variants,
                                        .inside = plain || sim_transition_is_inside(present),
                                        .lists = plain,
                                        .choose = choose_variant};
  if (count == 0) sim_machine_keep_moments(machine, variants->keeps_moments && plain);
  variants->made = 0;
  variants->too_many = false;
  if (variants->keeps_moments && sim_machine_power_fails(machine, present, effect))
    variants->made = count;
  else
    sim_machine_step(machine, present->task, &strategy, effect);
  effect->strayed = variants->made < count;
  if (variants->too_many) effect->limit = SIM_TOO_MANY_CHOICES;
  variants->next++;
}

void sim_variants_free(struct sim_variants *variants) {
  free(variants->list);
  *variants = (struct sim_variants){.list = NULL};
}
