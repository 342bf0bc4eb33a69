#include "choice.h"

#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

_Static_assert(sizeof(struct sim_transition) == 4 + SIM_MAX_CHOICES * 6,
               "transitions are compared as bytes");

static int compare_choices(const struct sim_choice *a, const struct sim_choice *b) {
  if (a->site != b->site) return a->site < b->site ? -1 : 1;
  if (a->nth != b->nth) return a->nth < b->nth ? -1 : 1;
  return a->code < b->code ? -1 : a->code > b->code;
}

/* Fewer choices come first: the step without any comes before all others. */
bool sim_transition_is_earlier(const struct sim_transition *a, const struct sim_transition *b) {
  if (a->task != b->task) return a->task < b->task;
  if (a->count != b->count) return a->count < b->count;
  for (int i = 0; i < a->count; i++) {
    int order = compare_choices(&a->choices[i], &b->choices[i]);
    if (order != 0) return order < 0;
  }
  return false;
}

bool sim_transition_equal(const struct sim_transition *a, const struct sim_transition *b) {
  return memcmp(a, b, sizeof *a) == 0;
}

uint64_t sim_transition_hash(const struct sim_transition *transition) {
  return XXH3_64bits(transition, sizeof *transition);
}

bool sim_transition_is_inside(const struct sim_transition *transition) {
  for (int i = 0; i < transition->count; i++)
    if (transition->choices[i].site >= SIM_CHOICE_MEMORY) return true;
  return false;
}

/* ---- Names ----------------------------------------------------------------------------------- */

static const struct {
  int task;
  const char *call;
} world_calls[] = {
    {SIM_WORLD_CRASH, "process 1 dies"},
    {SIM_WORLD_CRASH + 1, "process 2 dies"},
    {SIM_WORLD_CRASH + 2, "process 3 dies"},
    {SIM_WORLD_CRASH + 3, "process 4 dies"},
    {SIM_WORLD_POWER_CUT, "the power fails"},
    {SIM_WORLD_CLOCK_FORWARD, "the clock jumps forward by a day"},
    {SIM_WORLD_CLOCK_BACK, "the clock steps back by five minutes"},
    {SIM_WORLD_GATEWAY_DOWN, "the gateway is down for an hour"},
    {SIM_WORLD_EVENT, "an event comes early"},
};
enum { WORLD_CALLS = sizeof world_calls / sizeof world_calls[0] };
_Static_assert(SIM_MAX_PROCESSES == 4, "each process has its name above");

const char *sim_world_call(int task) {
  for (int i = 0; i < WORLD_CALLS; i++)
    if (world_calls[i].task == task) return world_calls[i].call;
  return NULL;
}

const char *sim_task_name(const struct sim_case *the_case, int task) {
  if (task > SIM_BACKGROUND) return "world";
  return task == SIM_BACKGROUND ? "background" : the_case->actors[task].name;
}

int sim_task_named(const struct sim_case *the_case, const char *name, const char *call) {
  if (strcmp(name, "background") == 0) return SIM_BACKGROUND;
  for (int i = 0; i < WORLD_CALLS && strcmp(name, "world") == 0; i++)
    if (strcmp(call, world_calls[i].call) == 0) return world_calls[i].task;
  for (int i = 0; i < the_case->actor_count; i++)
    if (strcmp(the_case->actors[i].name, name) == 0) return i;
  return -1;
}

const char *sim_choice_site_name(int site) {
  if (site < SIM_SITE_COUNT) return sim_site_word((enum sim_site)site);
  if (site >= SIM_CHOICE_DISK)
    return fake_disk_site_name((enum fake_disk_role)((site - SIM_CHOICE_DISK) / SIM_DISK_KINDS),
                               (enum fake_disk_kind)((site - SIM_CHOICE_DISK) % SIM_DISK_KINDS));
  switch (site) {
    case SIM_CHOICE_EVENT:
    case SIM_CHOICE_EARLY: return "gateway.event";
    case SIM_CHOICE_RETRY: return "host.retry";
    case SIM_CHOICE_TASK: return "task";
    default: return fake_memory_site_name((enum fake_memory_user)(site - SIM_CHOICE_MEMORY));
  }
}

static const char *disk_word(int site, int code) {
  enum fake_disk_kind kind = (enum fake_disk_kind)((site - SIM_CHOICE_DISK) % SIM_DISK_KINDS);
  enum sim_step_fault_kind fault =
      code < SIM_CODE_IMAGE ? (enum sim_step_fault_kind)code : SIM_POWER_FAILS;
  bool is_bare = fault == SIM_POWER_FAILS && code < SIM_CODE_IMAGE; /* without its image */
  return sim_disk_fault_applies(kind, fault) && !is_bare ? sim_step_fault_word(fault) : NULL;
}

/* What a code means at a site; of a power failure, without its image. Null: nothing. */
static const char *word_of_code(const struct sim_case *the_case, const struct sim_choice *choice) {
  int count = 0, code = choice->code;
  if (code < 1) return NULL;
  if (choice->site < SIM_SITE_COUNT) {
    const struct sim_fault *fault = sim_site_fault(the_case, (enum sim_site)choice->site, code);
    return fault ? fault->text : NULL;
  }
  if (choice->site == SIM_CHOICE_EVENT || choice->site == SIM_CHOICE_EARLY) {
    bool early = choice->site == SIM_CHOICE_EARLY;
    const struct sim_fault *faults = sim_event_injections(early, &count);
    int at = early ? code : code - 1;
    return at < count ? faults[at].text : NULL;
  }
  if (choice->site == SIM_CHOICE_RETRY) return code == 1 ? "again" : NULL;
  if (choice->site == SIM_CHOICE_TASK) return NULL;
  if (choice->site < SIM_CHOICE_DISK)
    return code == 1 ? sim_step_fault_word(SIM_MEMORY_FAILS) : NULL;
  return disk_word(choice->site, code);
}

void sim_choice_text(const struct sim_case *the_case, const struct sim_choice *choice, int writes,
                     char text[SIM_CHOICE_TEXT_SIZE]) {
  char nth[16] = "", image[SIM_POWER_TEXT_SIZE] = "";
  const char *word = word_of_code(the_case, choice);
  if (choice->site >= SIM_CHOICE_MEMORY) (void)snprintf(nth, sizeof nth, " %d", choice->nth);
  if (choice->site >= SIM_CHOICE_DISK && choice->code >= SIM_CODE_IMAGE)
    sim_power_text(choice->code - SIM_CODE_IMAGE, writes, image);
  (void)snprintf(text, SIM_CHOICE_TEXT_SIZE, "%s%s: %s%s%s", sim_choice_site_name(choice->site),
                 nth, word ? word : "?", image[0] ? ", " : "", image);
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* How many writes are listed in a text of sim_power_text(). */
static int writes_in(const char *text) {
  const char *at = strstr(text, "writes kept:");
  int writes = 0;
  for (; at && *at; at++) writes += *at == ' ';
  return writes > 0 ? writes - 1 : 0; /* one space stands in the words before */
}

/* The ordinal at a site in a text that begins with the site's name; 0: it is of another site. */
static uint16_t nth_in(int site, const char *text) {
  const char *name = sim_choice_site_name(site);
  size_t length = strlen(name);
  if (strncmp(text, name, length) != 0) return 0;
  if (site < SIM_CHOICE_MEMORY) return 1;
  long number = strtol(text + length, NULL, 10);
  return number > 0 && number <= UINT16_MAX ? (uint16_t)number : 0;
}

/* The code with which the choice has this text; 0: none. Of several the first is meant, which is
 * the one that a step lists. */
static uint16_t code_of(const struct sim_case *the_case, struct sim_choice choice,
                        const char *text) {
  char told[SIM_CHOICE_TEXT_SIZE];
  int writes = writes_in(text), codes = 64; /* enough for each site, without images */
  if (choice.site >= SIM_CHOICE_DISK) codes = SIM_CODE_IMAGE + sim_power_image_count(writes);
  for (int code = 1; code < codes; code++) {
    choice.code = (uint16_t)code;
    if (!word_of_code(the_case, &choice)) continue;
    sim_choice_text(the_case, &choice, writes, told);
    if (strcmp(told, text) == 0) return choice.code;
  }
  return 0;
}

bool sim_choice_parse(const struct sim_case *the_case, const char *text,
                      struct sim_choice *choice) {
  for (int site = 0; site < SIM_CHOICE_SITES; site++) {
    struct sim_choice read = {.site = (uint16_t)site, .nth = nth_in(site, text)};
    if (read.nth > 0) read.code = code_of(the_case, read, text);
    if (read.code == 0) continue;
    *choice = read;
    return true;
  }
  return false;
}
