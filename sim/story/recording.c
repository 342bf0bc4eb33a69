#include "recording.h"

#include "engine_digest.h"
#include "grow.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* ---- The digest of a case ---- */

static void mix(XXH3_state_t *state, const void *bytes, size_t size) {
  XXH3_128bits_update(state, bytes, size);
}

static void mix_text(XXH3_state_t *state, const char *text) {
  mix(state, text ? text : "\xff", text ? strlen(text) + 1 : 2);
}

static void mix_number(XXH3_state_t *state, int64_t number) { mix(state, &number, sizeof number); }

static void mix_step(XXH3_state_t *state, const struct sim_step *step) {
  mix_text(state, step->id);
  mix_text(state, step->card);
  mix_text(state, step->kind);
  int64_t numbers[] = {step->verb,        step->client, step->amount,      step->price_minor,
                       step->duration_ms, step->plan,   step->event_order, step->dispute_won,
                       step->process,     step->after};
  mix(state, numbers, sizeof numbers);
}

static void mix_world(XXH3_state_t *state, const struct sim_case *the_case) {
  int64_t settings[] = {the_case->start_ms,           the_case->top_up_tokens,
                        the_case->top_up_price_minor, the_case->wait_limit_ms,
                        the_case->attempt_limit_ms,   the_case->process_count,
                        the_case->fault_limit,        the_case->events};
  mix(state, settings, sizeof settings);
  if (the_case->undeclared_faults > 0) mix_number(state, the_case->undeclared_faults);
  mix_text(state, the_case->currency);
  for (int i = 0; i < the_case->client_count; i++) {
    const struct sim_client *client = &the_case->clients[i];
    mix_text(state, client->name);
    mix_text(state, client->owner);
    mix_text(state, client->card);
    mix_number(state, client->balance_tokens);
    mix_number(state, (int64_t)client->plan * 2 + client->auto_reload);
  }
  for (int site = 0; site < SIM_SITE_COUNT; site++) {
    const struct sim_site_faults *faults = &the_case->sites[site];
    mix_number(state, faults->mood);
    for (int i = 0; i < faults->count; i++) mix_text(state, faults->faults[i].text);
  }
}

void sim_case_digest(const struct sim_case *the_case, char digest[SIM_DIGEST_SIZE]) {
  XXH3_state_t *state = XXH3_createState();
  XXH128_hash_t hash = {0, 0};
  if (state && XXH3_128bits_reset(state) == XXH_OK) {
    mix_world(state, the_case);
    for (int a = 0; a < the_case->actor_count; a++) {
      mix_text(state, the_case->actors[a].name);
      for (int s = 0; s < the_case->actors[a].step_count; s++)
        mix_step(state, &the_case->actors[a].steps[s]);
    }
    hash = XXH3_128bits_digest(state);
  }
  XXH3_freeState(state);
  snprintf(digest, SIM_DIGEST_SIZE, "%016" PRIx64 "%016" PRIx64, (uint64_t)hash.high64,
           (uint64_t)hash.low64);
}

/* ---- Writing ---- */

static void write_line(FILE *out, int number, const struct sim_script *line) {
  fprintf(out, "%d | %s | %s", number, line->who, line->call);
  if (line->fault[0]) fprintf(out, " | fault %s", line->fault);
  if (line->step_fault[0]) fprintf(out, " | at %s", line->step_fault);
  if (line->tried_again) fputs(" | again", out);
  fputc('\n', out);
}

static FILE *begin_text(const struct sim_case *the_case, const char *finds, char **text,
                        size_t *size) {
  char digest[SIM_DIGEST_SIZE];
  FILE *out = open_memstream(text, size);
  if (!out) return NULL;
  sim_case_digest(the_case, digest);
  fprintf(out, "reloadsim-tape-1\nfile %s\ncase %s\nengine %s\ndigest %s\nfinds %s\n",
          the_case->place.file, the_case->id, sim_engine_digest(), digest, finds);
  return out;
}

static char *end_text(FILE *out, char **text) {
  fputs("end\n", out);
  if (fclose(out) == 0) return *text;
  free(*text);
  return NULL;
}

char *sim_recording_text(struct sim_machine *machine, const struct sim_beginning *beginning,
                         const struct sim_move *moves, int count, struct sim_move last,
                         const char *finds) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = begin_text(sim_machine_names(machine)->the_case, finds, &text, &size);
  if (!out) return NULL;
  sim_machine_restore(machine, &beginning->world, &beginning->image);
  for (int i = 0; i < count + (last.task >= 0); i++) {
    struct sim_effect effect;
    struct sim_script line;
    sim_move_again(machine, i < count ? moves[i] : last, &effect);
    sim_machine_script(machine, &effect, &line);
    write_line(out, i + 1, &line);
  }
  return end_text(out, &text);
}

char *sim_recording_of(const struct sim_case *the_case, const struct sim_script *lines, int count,
                       const char *finds) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = begin_text(the_case, finds, &text, &size);
  if (!out) return NULL;
  for (int i = 0; i < count; i++) write_line(out, i + 1, &lines[i]);
  return end_text(out, &text);
}

char *sim_recording_renamed(const char *tape, const struct sim_case *the_case) {
  char *text = NULL;
  size_t size = 0;
  const char *rest = strstr(tape, "\nengine ");
  FILE *out = rest ? open_memstream(&text, &size) : NULL;
  if (!out) return NULL;
  fprintf(out, "reloadsim-tape-1\nfile %s\ncase %s%s", the_case->place.file, the_case->id, rest);
  if (fclose(out) == 0) return text;
  free(text);
  return NULL;
}

/* ---- Reading ---- */

struct reader {
  const char *path;
  FILE *errors;
  int line;
};

static bool wrong(const struct reader *reader, const char *what) {
  fprintf(reader->errors, "%s:%d: error: %s\n", reader->path, reader->line > 0 ? reader->line : 1,
          what);
  return false;
}

static bool take(char *to, size_t size, const char *from) {
  int length = snprintf(to, size, "%s", from);
  return length >= 0 && (size_t)length < size;
}

static bool read_word(struct sim_script *line, int at, char *word) {
  if (at == 1) return take(line->who, sizeof line->who, word);
  if (at == 2) return take(line->call, sizeof line->call, word);
  if (strcmp(word, "again") == 0) return line->tried_again = true;
  if (strncmp(word, "fault ", 6) == 0) return take(line->fault, sizeof line->fault, word + 6);
  if (strncmp(word, "at ", 3) == 0)
    return take(line->step_fault, sizeof line->step_fault, word + 3);
  return false;
}

/* "7 | ana | confirm | fault timeout after" */
static bool read_move(const struct reader *reader, struct sim_recording *recording, char *text) {
  struct sim_script line = {.who = ""};
  int at = 0;
  for (char *word = text, *next; word; word = next, at++) {
    next = strstr(word, " | ");
    if (next) {
      *next = '\0';
      next += 3;
    }
    if (at == 0 && strtol(word, NULL, 10) != recording->line_count + 1)
      return wrong(reader, "the moves must be numbered 1, 2, 3, ...; one is missing, or too many");
    if (at > 0 && !read_word(&line, at, word))
      return wrong(reader, "a move reads: NUMBER | WHO | CALL [| fault TEXT] "
                           "[| at SITE NTH: FAULT] [| again]");
  }
  if (at < 3) return wrong(reader, "a move needs a number, who moves, and the call");
  if (recording->line_count == SIM_RECORDING_MAX_LINES) return wrong(reader, "too many moves");
  struct sim_script *lines =
      sim_grow(recording->lines, (size_t)recording->line_count, &recording->room, sizeof *lines);
  if (!lines) return wrong(reader, "out of memory");
  recording->lines = lines;
  recording->lines[recording->line_count++] = line;
  return true;
}

static bool read_head(const struct reader *reader, struct sim_recording *recording, char *text) {
  static const char *const keys[] = {"file ", "case ", "engine ", "digest ", "finds "};
  char **values[] = {&recording->file, &recording->case_id, &recording->engine, &recording->digest,
                     &recording->finds};
  int at = reader->line - 2;
  if (reader->line == 1)
    return strcmp(text, "reloadsim-tape-1") == 0 ||
           wrong(reader, "this is no tape: the first line must be reloadsim-tape-1");
  if (strncmp(text, keys[at], strlen(keys[at])) != 0)
    return wrong(reader, "the head of a tape is: file, case, engine, digest, finds, in this order");
  *values[at] = strdup(text + strlen(keys[at]));
  return *values[at] || wrong(reader, "out of memory");
}

static bool read_lines(struct reader *reader, FILE *file, struct sim_recording *recording) {
  char *text = NULL;
  size_t room = 0;
  bool good = true, ended = false;
  ssize_t length;
  while (good && !ended && (length = getline(&text, &room, file)) >= 0) {
    reader->line++;
    if (length > 0 && text[length - 1] == '\n') text[--length] = '\0';
    if (strlen(text) != (size_t)length || length > 4096)
      good = wrong(reader, "this line is no text of a tape");
    else if (reader->line <= 6)
      good = read_head(reader, recording, text);
    else if (strcmp(text, "end") == 0)
      ended = true;
    else
      good = read_move(reader, recording, text);
  }
  free(text);
  if (good && !ended) good = wrong(reader, "the tape is cut short: its last line must be end");
  return good;
}

struct sim_recording *sim_recording_read(const char *path, FILE *errors) {
  struct reader reader = {.path = path, .errors = errors};
  struct sim_recording *recording = calloc(1, sizeof *recording);
  FILE *file = fopen(path, "r");
  if (!file) fprintf(errors, "%s:1: error: cannot be read: %s\n", path, strerror(errno));
  bool good = recording && file && read_lines(&reader, file, recording);
  if (file) (void)fclose(file);
  if (good) return recording;
  sim_recording_free(recording);
  return NULL;
}

void sim_recording_free(struct sim_recording *recording) {
  if (!recording) return;
  free(recording->file);
  free(recording->case_id);
  free(recording->engine);
  free(recording->digest);
  free(recording->finds);
  free(recording->lines);
  free(recording);
}
