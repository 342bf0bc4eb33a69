#include "choice.h"

#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

_Static_assert(sizeof(struct sim_transition) == 4 + SIM_MAX_CHOICES * 6,
               "transitions are compared as bytes");

static int compare(const struct sim_choice *a, const struct sim_choice *b) {
  if (a->site != b->site) return a->site < b->site ? -1 : 1;
  if (a->nth != b->nth) return a->nth < b->nth ? -1 : 1;
  return a->code < b->code ? -1 : a->code > b->code;
}

/* Fewer choices come first: the step as it goes when all goes well before all others. */
bool sim_transition_is_earlier(const struct sim_transition *a, const struct sim_transition *b) {
  if (a->task != b->task) return a->task < b->task;
  if (a->count != b->count) return a->count < b->count;
  for (int i = 0; i < a->count; i++) {
    int order = compare(&a->choices[i], &b->choices[i]);
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
    {SIM_MOVE_CRASH, "process 1 dies"},
    {SIM_MOVE_CRASH + 1, "process 2 dies"},
    {SIM_MOVE_CRASH + 2, "process 3 dies"},
    {SIM_MOVE_CRASH + 3, "process 4 dies"},
    {SIM_MOVE_POWER_CUT, "the power fails"},
    {SIM_MOVE_CLOCK_FORWARD, "the clock jumps forward by a day"},
    {SIM_MOVE_CLOCK_BACK, "the clock steps back by five minutes"},
    {SIM_MOVE_GATEWAY_DOWN, "the gateway is down for an hour"},
    {SIM_MOVE_EVENT, "an event comes early"},
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

/* What a code means, but for images of a power failure. Null: nothing. */
static const char *word_of(const struct sim_case *the_case, const struct sim_choice *choice) {
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
  if (choice->site < SIM_CHOICE_DISK)
    return code == 1 ? sim_step_fault_word(SIM_MEMORY_FAILS) : NULL;
  return code < SIM_POWER_FAILS ? sim_step_fault_word((enum sim_step_fault_kind)code) : NULL;
}

void sim_choice_text(const struct sim_case *the_case, const struct sim_choice *choice, int writes,
                     char text[SIM_CHOICE_TEXT_SIZE]) {
  char nth[16] = "", image[SIM_POWER_TEXT_SIZE] = "";
  const char *word = word_of(the_case, choice);
  bool power = choice->site >= SIM_CHOICE_DISK && choice->code >= SIM_CODE_IMAGE;
  if (choice->site >= SIM_CHOICE_MEMORY) (void)snprintf(nth, sizeof nth, " %d", choice->nth);
  if (power) {
    word = sim_step_fault_word(SIM_POWER_FAILS);
    sim_power_text(choice->code - SIM_CODE_IMAGE, writes, image);
  }
  (void)snprintf(text, SIM_CHOICE_TEXT_SIZE, "%s%s: %s%s%s", sim_choice_site_name(choice->site),
                 nth, word ? word : "?", image[0] ? ", " : "", image);
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* How many writes a text of sim_power_text() tells of. */
static int writes_in(const char *text) {
  const char *at = strstr(text, "writes kept:");
  int writes = 0;
  if (!at) return 0;
  for (at += strlen("writes kept:"); *at; at++) writes += *at == ' ' && at[1] != '\0';
  return writes;
}

/* The site and time that a text begins with. Returns: what follows; null if it begins otherwise */
static const char *read_site(int site, const char *text, uint16_t *nth) {
  const char *name = sim_choice_site_name(site);
  size_t length = strlen(name);
  char *end;
  *nth = 1;
  if (strncmp(text, name, length) != 0) return NULL;
  if (strncmp(text + length, ": ", 2) == 0 && site < SIM_CHOICE_MEMORY) return text + length + 2;
  if (text[length] != ' ' || site < SIM_CHOICE_MEMORY) return NULL;
  long number = strtol(text + length + 1, &end, 10);
  if (number < 1 || number > UINT16_MAX || strncmp(end, ": ", 2) != 0) return NULL;
  *nth = (uint16_t)number;
  return end + 2;
}

/* The code that a word has at a site; 0: none. */
static int read_code(const struct sim_case *the_case, struct sim_choice choice, const char *word) {
  char image[SIM_POWER_TEXT_SIZE];
  const char *power = sim_step_fault_word(SIM_POWER_FAILS);
  int writes = writes_in(word);
  for (int code = 1; code < 64; code++) {
    choice.code = (uint16_t)code;
    const char *known = word_of(the_case, &choice);
    if (known && strcmp(known, word) == 0) return code;
  }
  if (choice.site < SIM_CHOICE_DISK || strncmp(word, power, strlen(power)) != 0 ||
      writes > SIM_POWER_MAX_WRITES)
    return 0;
  word += strlen(power) + (writes ? 2 : 0);
  for (int i = 0; i < sim_power_image_count(writes); i++) { /* the first of equal ones is listed */
    sim_power_text(i, writes, image);
    if (strcmp(image, word) == 0) return SIM_CODE_IMAGE + i;
  }
  return 0;
}

bool sim_choice_parse(const struct sim_case *the_case, const char *text,
                      struct sim_choice *choice) {
  for (int site = 0; site < SIM_CHOICE_SITES; site++) {
    struct sim_choice read = {.site = (uint16_t)site};
    const char *word = site == SIM_CHOICE_TASK ? NULL : read_site(site, text, &read.nth);
    if (!word) continue;
    int code = read_code(the_case, read, word);
    if (code == 0) continue;
    read.code = (uint16_t)code;
    *choice = read;
    return true;
  }
  return false;
}
