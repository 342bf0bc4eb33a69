/* See field_json.h. */
#include "field_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static json_t *jump_json(int64_t duration_ms) {
  char text[SIM_DURATION_SIZE];
  const int64_t far_ms = duration_ms < 0 ? -duration_ms : duration_ms;

  return json_sprintf("%c%s", duration_ms < 0 ? '-' : '+', sim_duration_text(far_ms, text));
}

/* Instants of a scenario are whole seconds. */
static json_t *instant_json(int64_t at_ms) {
  const time_t at = (time_t)(at_ms / 1000);
  struct tm parts;
  char text[32];

  if (!gmtime_r(&at, &parts) || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
    return NULL;
  return json_string(text);
}

/* One name as a string, several as a list. */
static json_t *after_json(const struct sim_case *the_case, uint32_t after) {
  json_t *names = json_array(), *only;

  for (int a = 0; a < the_case->actor_count; a++) {
    if (!(after & 1u << a)) continue;
    if (json_array_append_new(names, json_string(the_case->actors[a].name)) != 0) {
      json_decref(names);
      return NULL;
    }
  }
  if (json_array_size(names) != 1) return names;
  only = json_incref(json_array_get(names, 0));
  json_decref(names);
  return only;
}

/* Members that are not 64-bit numbers. */
static json_t *small_json(const struct sim_case *the_case, const struct sim_field *field,
                          const void *member) {
  int index;

  switch (field->value) {
    case SIM_VALUE_CLIENT: return json_string(the_case->clients[*(const int *)member].name);
    case SIM_VALUE_PROCESS:
    case SIM_VALUE_VICTIM: return json_string(the_case->processes[*(const int *)member]);
    case SIM_VALUE_WORD:
      memcpy(&index, member, sizeof(index));
      return json_string(field->words->list[index]);
    case SIM_VALUE_FLAG: return json_string(field->words->list[*(const bool *)member]);
    case SIM_VALUE_COUNT: return json_integer(*(const int *)member);
    case SIM_VALUE_CURRENCY: return json_string(member);
    case SIM_VALUE_AFTER: return after_json(the_case, *(const uint32_t *)member);
    case SIM_VALUE_CARD_OR_NONE:
      return json_string(*(const char *const *)member ? *(const char *const *)member : "none");
    case SIM_VALUE_YES: return json_true();
    default: return json_string(*(const char *const *)member);
  }
}

json_t *sim_field_json(const struct sim_case *the_case, const struct sim_field *field,
                       const void *base) {
  const void *member = (const char *)base + field->at;
  char text[SIM_DURATION_SIZE];

  switch (field->value) {
    case SIM_VALUE_NUMBER: return json_integer(*(const int64_t *)member);
    case SIM_VALUE_DURATION: return json_string(sim_duration_text(*(const int64_t *)member, text));
    case SIM_VALUE_JUMP: return jump_json(*(const int64_t *)member);
    case SIM_VALUE_INSTANT: return instant_json(*(const int64_t *)member);
    default: return small_json(the_case, field, member);
  }
}

bool sim_is_normal_json(const struct sim_field *field, const json_t *value) {
  char number[24];

  if (json_is_string(value)) return strcmp(json_string_value(value), field->normal) == 0;
  (void)snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
  return json_is_integer(value) && strcmp(number, field->normal) == 0;
}
