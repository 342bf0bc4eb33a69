#include "trace_file.h"

#include "checksum.h"
#include "engine_digest.h"
#include "grow.h"
#include "input.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* ---- The digest of a case ---- */

static void mix_digest(XXH3_state_t *state, const void *bytes, size_t size) {
  XXH3_128bits_update(state, bytes, size);
}

static void mix_digest_text(XXH3_state_t *state, const char *text) {
  mix_digest(state, text ? text : "\xff", text ? strlen(text) + 1 : 2);
}

static void mix_number(XXH3_state_t *state, int64_t number) {
  mix_digest(state, &number, sizeof number);
}

static void mix_step(XXH3_state_t *state, const struct sim_step *step) {
  mix_digest_text(state, step->id);
  mix_digest_text(state, step->card);
  mix_digest_text(state, step->kind);
  int64_t numbers[] = {step->verb,        step->client, step->amount,      step->price_minor,
                       step->duration_ms, step->plan,   step->event_order, step->dispute_won,
                       step->process,     step->after};
  mix_digest(state, numbers, sizeof numbers);
}

static void mix_world(XXH3_state_t *state, const struct sim_case *the_case) {
  int64_t settings[] = {the_case->start_ms,           the_case->top_up_tokens,
                        the_case->top_up_price_minor, the_case->wait_limit_ms,
                        the_case->attempt_limit_ms,   the_case->process_count,
                        the_case->fault_limit,        the_case->events};
  mix_digest(state, settings, sizeof settings);
  if (the_case->injected_faults > 0) mix_number(state, the_case->injected_faults);
  mix_digest_text(state, the_case->currency);
  for (int i = 0; i < the_case->client_count; i++) {
    const struct sim_client *client = &the_case->clients[i];
    mix_digest_text(state, client->name);
    mix_digest_text(state, client->owner);
    mix_digest_text(state, client->card);
    mix_number(state, client->balance_tokens);
    mix_number(state, (int64_t)client->plan * 2 + client->auto_reload);
  }
  for (int site = 0; site < SIM_SITE_COUNT; site++) {
    const struct sim_site_faults *faults = &the_case->sites[site];
    mix_number(state, faults->policy);
    for (int i = 0; i < faults->count; i++) mix_digest_text(state, faults->faults[i].text);
  }
}

void sim_case_digest(const struct sim_case *the_case, char digest[SIM_HASH_TEXT_SIZE]) {
  XXH3_state_t *state = XXH3_createState();
  XXH128_hash_t hash = {0, 0};
  if (state && XXH3_128bits_reset(state) == XXH_OK) {
    mix_world(state, the_case);
    for (int a = 0; a < the_case->actor_count; a++) {
      mix_digest_text(state, the_case->actors[a].name);
      for (int s = 0; s < the_case->actors[a].step_count; s++)
        mix_step(state, &the_case->actors[a].steps[s]);
    }
    hash = XXH3_128bits_digest(state);
  }
  XXH3_freeState(state);
  sim_hash_text((struct sim_hash){.low = hash.low64, .high = hash.high64}, digest);
}

/* ---- Writing ---- */

#define FORMAT "reloadsim-trace-1"
#define OLD_FORMAT "reloadsim-tape-"
enum { SEAL_DIGITS = 32, END_SIZE = 4 + SEAL_DIGITS + 1 }; /* "end ", the checksum, a line feed */

/* The choices of the last step. */
static void write_choices(FILE *out, const struct sim_case *the_case,
                          const struct sim_effect *effect) {
  char text[SIM_CHOICE_TEXT_SIZE];
  for (int i = 0; i < effect->transition.count; i++) {
    sim_choice_text(the_case, &effect->transition.choices[i], effect->image_writes, text);
    fprintf(out, " | %s", text);
  }
  fputc('\n', out);
}

static void write_step(FILE *out, int number, const struct sim_case *the_case,
                       const struct sim_effect *effect) {
  int task = effect->transition.task;
  const char *world = sim_world_call(task);
  fprintf(out, "%d | %s | %s", number, sim_task_name(the_case, task), world ? world : effect->call);
  write_choices(out, the_case, effect);
}

static FILE *begin_text(const struct sim_case *the_case, char **text, size_t *size) {
  FILE *out = open_memstream(text, size);
  if (out) fprintf(out, FORMAT "\nfile %s\ncase %s", the_case->place.file, the_case->id);
  return out;
}

static FILE *begin_trace(const struct sim_case *the_case, const char *finds, char **text,
                         size_t *size) {
  char digest[SIM_HASH_TEXT_SIZE];
  FILE *out = begin_text(the_case, text, size);
  if (!out) return NULL;
  sim_case_digest(the_case, digest);
  fprintf(out, "\nengine %s\ndigest %s\nfinds %s\n", sim_engine_digest(), digest, finds);
  return out;
}

/* End the text with a checksum of all before it. */
static char *end_text(FILE *out, char **text, const size_t *size) {
  char checksum[SIM_CHECKSUM_SIZE];
  if (fflush(out) == 0) {
    sim_checksum(*text, *size, checksum);
    fprintf(out, "end %.*s\n", SEAL_DIGITS, checksum);
    if (fclose(out) == 0) return *text;
  } else
    (void)fclose(out);
  free(*text);
  return NULL;
}

char *sim_trace_text(struct sim_machine *machine, const struct sim_beginning *beginning,
                     const struct sim_transition *steps, int count, struct sim_transition last,
                     const char *finds) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = begin_trace(sim_machine_names(machine)->the_case, finds, &text, &size);
  if (!out) return NULL;
  sim_machine_restore(machine, &beginning->world, &beginning->image);
  for (int i = 0; i < count + (last.task >= 0); i++) {
    struct sim_effect effect;
    if (!sim_machine_again(machine, i < count ? &steps[i] : &last, &effect)) break;
    write_step(out, i + 1, sim_machine_names(machine)->the_case, &effect);
  }
  return end_text(out, &text, &size);
}

char *sim_trace_renamed(const char *trace, const struct sim_case *the_case) {
  char *text = NULL;
  size_t size = 0;
  const char *rest = strstr(trace, "\nengine "), *end = rest ? strstr(rest, "\nend ") : NULL;
  FILE *out = end ? begin_text(the_case, &text, &size) : NULL;
  if (!out) return NULL;
  (void)fwrite(rest, 1, (size_t)(end + 1 - rest), out);
  return end_text(out, &text, &size);
}

/* ---- Reading ---- */

struct reader {
  const char *name;
  bool anyway;
  FILE *errors;
  int line;
};

static bool report_line(const struct reader *reader, const char *what) {
  fprintf(reader->errors, "%s:%d: error: %s\n", reader->name, reader->line > 0 ? reader->line : 1,
          what);
  return false;
}

/* What --anyway ignores. */
static bool refuse_unless_anyway(const struct reader *reader, const char *what) {
  if (reader->anyway) return true;
  fprintf(reader->errors, "%s:%d: error: %s; --anyway replays it all the same\n", reader->name,
          reader->line > 0 ? reader->line : 1, what);
  return false;
}

static bool take_line(char *to, size_t size, const char *from) {
  int length = snprintf(to, size, "%s", from);
  return length >= 0 && (size_t)length < size;
}

static bool read_choice(const struct sim_case *the_case, const char *text, size_t size,
                        struct sim_transition *step) {
  char word[SIM_CHOICE_TEXT_SIZE];
  if (size >= sizeof word || step->count == SIM_MAX_CHOICES) return false;
  memcpy(word, text, size);
  word[size] = '\0';
  return sim_choice_parse(the_case, word, &step->choices[step->count++]);
}

bool sim_trace_step(const struct sim_case *the_case, const struct sim_trace_line *line,
                    struct sim_transition *step) {
  memset(step, 0, sizeof *step);
  int task = sim_task_named(the_case, line->who, line->call);
  step->task = (int16_t)task;
  for (const char *at = line->choices, *end; *at; at = *end ? end + 3 : end) {
    end = strstr(at, " | ");
    if (!end) end = at + strlen(at);
    if (!read_choice(the_case, at, (size_t)(end - at), step)) return false;
  }
  return task >= 0;
}

/* "7 | ana | confirm | gateway.confirm: timeout after" */
static bool read_trace_step(const struct reader *reader, struct sim_trace *recording, char *text) {
  struct sim_trace_line line = {.who = ""};
  char number[16], *words[3];
  (void)snprintf(number, sizeof number, "%d", recording->line_count + 1);
  for (int i = 0; i < 3; i++) {
    words[i] = text;
    char *end = strstr(text, " | ");
    if (!end && i < 2)
      return report_line(reader, "a step needs a number, who makes it, and the call");
    text = end ? end + 3 : text + strlen(text);
    if (end) *end = '\0';
  }
  if (strcmp(words[0], number) != 0)
    return report_line(reader, "the steps must be numbered 1, 2, 3, ...; one is missing or extra");
  if (!take_line(line.who, sizeof line.who, words[1]) ||
      !take_line(line.call, sizeof line.call, words[2]) ||
      !take_line(line.choices, sizeof line.choices, text))
    return report_line(reader, "a step reads: NUMBER | WHO | CALL [| SITE: CHOICE]...");
  if (recording->line_count == SIM_MAX_PATH) return report_line(reader, "too many steps");
  struct sim_trace_line *lines =
      sim_grow(recording->lines, (size_t)recording->line_count, &recording->room, sizeof *lines);
  if (!lines) return report_line(reader, "out of memory");
  recording->lines = lines;
  recording->lines[recording->line_count++] = line;
  return true;
}

static bool read_head(const struct reader *reader, struct sim_trace *recording, const char *text) {
  static const char *const keys[] = {"file ", "case ", "engine ", "digest ", "finds "};
  char **values[] = {&recording->file, &recording->case_id, &recording->engine, &recording->digest,
                     &recording->finds};
  int at = reader->line - 2;
  if (reader->line == 1 && strncmp(text, OLD_FORMAT, strlen(OLD_FORMAT)) == 0)
    return report_line(reader,
                       "it was written by an older reloadsim in another format: run its scenario "
                       "again to get a new trace");
  if (reader->line == 1)
    return strcmp(text, FORMAT) == 0 ||
           report_line(reader, "this is not a trace: the first line must be " FORMAT);
  if (strncmp(text, keys[at], strlen(keys[at])) != 0)
    return report_line(
        reader, "a trace begins with the lines file, case, engine, digest, finds, in this order");
  *values[at] = strdup(text + strlen(keys[at]));
  return *values[at] || report_line(reader, "out of memory");
}

static bool is_end(const char *text) {
  return strncmp(text, "end", 3) == 0 && (text[3] == '\0' || text[3] == ' ');
}

/* The last line. `size` bytes are before it, `rest` bytes after it. */
static bool read_end(const struct reader *reader, const char *whole, size_t size, const char *text,
                     size_t rest, bool has_line_feed) {
  char checksum[SIM_CHECKSUM_SIZE];
  if (rest > 0)
    return report_line(
        reader, "more lines follow the last one: the trace was edited, or several were joined");
  sim_checksum(whole, size, checksum);
  if (strlen(text) < END_SIZE - 1)
    return refuse_unless_anyway(
        reader, "the trace is cut short: its last line must be \"end\" and its checksum");
  if (strlen(text) > END_SIZE - 1 || memcmp(text + 4, checksum, SEAL_DIGITS) != 0)
    return refuse_unless_anyway(reader, "the trace was edited: its checksum does not match");
  return has_line_feed ||
         refuse_unless_anyway(reader, "the trace is cut short: its last line is not complete");
}

static bool is_trace_text(const char *line, size_t size) {
  if (size > 4096) return false;
  for (size_t i = 0; i < size; i++)
    if ((unsigned char)line[i] < ' ' || line[i] == 0x7f) return false;
  return true;
}

/* Read line by line; `copy` is the text, which is cut into lines. */
static bool read_trace_lines(struct reader *reader, const char *text, char *copy, size_t size,
                             struct sim_trace *recording) {
  for (size_t at = 0, next; at < size; at = next) {
    const char *feed = memchr(copy + at, '\n', size - at);
    size_t length = (feed ? (size_t)(feed - copy) : size) - at;
    char *line = copy + at;
    next = at + length + (feed != NULL);
    line[length] = '\0';
    reader->line++;
    if (!is_trace_text(line, length)) return report_line(reader, "this line is not text");
    if (reader->line > 6 && is_end(line))
      return read_end(reader, text, at, line, size - next, feed != NULL);
    if (!(reader->line <= 6 ? read_head(reader, recording, line)
                            : read_trace_step(reader, recording, line)))
      return false;
  }
  return report_line(reader,
                     "the trace is cut short: its last line must be \"end\" and its checksum");
}

struct sim_trace *sim_trace_parse(const char *name, const char *text, size_t size_bytes,
                                  bool anyway, FILE *errors) {
  struct reader reader = {.name = name, .anyway = anyway, .errors = errors};
  struct sim_trace *recording = calloc(1, sizeof *recording);
  char *copy = malloc(size_bytes + 1);
  bool good = recording && copy;
  if (good) {
    memcpy(copy, text, size_bytes);
    good = read_trace_lines(&reader, text, copy, size_bytes, recording);
  } else
    report_line(&reader, "out of memory");
  free(copy);
  if (good) return recording;
  sim_trace_free(recording);
  return NULL;
}

/* ---- The file ---- */

enum { MAX_BYTES = 16 << 20 };

struct sim_trace *sim_trace_read(const char *path, bool anyway, FILE *errors) {
  struct reader reader = {.name = path, .errors = errors};
  char message[200], problem[SIM_INPUT_PROBLEM_SIZE];
  size_t size = 0;
  char *text = sim_input_read(path, MAX_BYTES, &size, problem);
  if (!text) {
    (void)snprintf(message, sizeof message, "the trace cannot be read: %s", problem);
    report_line(&reader, message);
    return NULL;
  }
  struct sim_trace *recording = sim_trace_parse(path, text, size, anyway, errors);
  free(text);
  return recording;
}

void sim_trace_free(struct sim_trace *recording) {
  if (!recording) return;
  free(recording->file);
  free(recording->case_id);
  free(recording->engine);
  free(recording->digest);
  free(recording->finds);
  free(recording->lines);
  free(recording);
}
