/* What the scenario reader's files share. Only they and tests include it. */
#ifndef SIM_READER_H
#define SIM_READER_H

#include "arena.h"
#include "grow.h"
#include "json_text.h"
#include "language.h"

/* More limits. As with those of scenario.h, a file beyond them is an error with its position. */
#define SIM_MAX_SUITE_BYTES ((size_t)256 << 20) /* memory of a suite, and of one file */
#define SIM_MAX_FILE_MISTAKES 20
#define SIM_MAX_CASES 256  /* rows of one matrix */
#define SIM_MAX_COLUMNS 32 /* of one matrix, without "case" */
#define SIM_MAX_OUTCOMES 64
#define SIM_MAX_RULES 64  /* of one scenario */
#define SIM_MAX_SHARES 32 /* shared files of one scenario */
#define SIM_MAX_FOLDER_DEPTH 32
#define SIM_MAX_PATH_BYTES 4096
#define SIM_MAX_NAME_BYTES 64
#define SIM_MAX_ID_CHARACTERS 300
#define SIM_MAX_LINE_CHARACTERS 200 /* titles and names of outcomes */
#define SIM_MAX_NOTE_CHARACTERS 4000

struct sim_read_file { /* a scenario file that was read */
  const char *path;
  const char *id;
};

struct sim_suite {
  struct sim_arena keep;    /* everything that callers get */
  struct sim_arena scratch; /* the file being read */
  struct sim_arena row;     /* the row of its matrix being read */

  const struct sim_case **cases;
  size_t case_count, case_room;
  struct sim_mistake *mistakes;
  size_t mistake_count, mistake_room;
  struct sim_rule *rules;
  size_t rule_count;
  struct sim_read_file *files;
  size_t file_count, file_room;
};

/* sim_suite_new() with another limit: of each of the three arenas. */
struct sim_suite *sim_suite_new_limited(const char *rules_path, size_t limit_bytes);

struct sim_reader { /* one file, or one row of it */
  struct sim_suite *suite;
  const char *file;          /* kept; as the user gave it */
  const char *row_name;      /* the row that is being read, or null */
  struct sim_case *scenario; /* being filled */
  size_t mistake_count;      /* of this file, those cut off included */
  size_t first_mistake;      /* where this file's begin in the suite's */
  struct sim_place first_cut;
  bool failed; /* this file has a mistake */
  int share_count;
  const char *shares[SIM_MAX_SHARES]; /* paths read or being read, in this order */
  bool share_open[SIM_MAX_SHARES];    /* being read: to name it again is a circle */
};

/* ---- Mistakes (mistakes.c) ---------------------------------------------------------------- */

/* The place of a mistake in a file as a whole. */
struct sim_place sim_file_start(const char *file);

/* Keep a mistake at a place. A mistake that is already known at that place is not kept twice, and
 * of one file only the first SIM_MAX_FILE_MISTAKES are kept. In every case the file has failed. */
void sim_mistake_at(struct sim_reader *reader, struct sim_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A mistake in a value or in its key. It is kept only if the value is not marked as broken; then
 * the value is marked. */
void sim_mistake(struct sim_reader *reader, struct sim_json *json, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void sim_mistake_key(struct sim_reader *reader, struct sim_json *json, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Say how many more mistakes the file has than were kept. Call once at the end of a file. */
void sim_mistakes_end(struct sim_reader *reader);

/* Text from a file for a message: quoted, escaped and cut. In the scratch arena. */
const char *sim_quote(struct sim_reader *reader, const char *text);

/* The tail of a message about a word that is not in a table:
 * `expected "a", "b" or "c"; did you mean "b"?`. In the scratch arena. */
const char *sim_expected(struct sim_reader *reader, const struct sim_words *words,
                         const char *text);

/* ---- Typed reading (scenario_read.c); `what` names the value in messages ------------------- */

/* Each returns false or null after reporting a mistake. */
bool sim_read_type(struct sim_reader *reader, struct sim_json *json, const char *what,
                   enum sim_json_type type);
bool sim_read_list(struct sim_reader *reader, struct sim_json *json, const char *what, int least,
                   int most); /* the (most + 1)th item or the list itself has the mistake */
bool sim_read_integer(struct sim_reader *reader, struct sim_json *json, const char *what,
                      int64_t least, int64_t most, int64_t *number);
bool sim_read_word(struct sim_reader *reader, struct sim_json *json, const struct sim_words *words,
                   int *index);
bool sim_read_duration(struct sim_reader *reader, struct sim_json *json, const char *what,
                       int64_t *duration_ms);
bool sim_read_jump(struct sim_reader *reader, struct sim_json *json, int64_t *duration_ms);
bool sim_read_instant(struct sim_reader *reader, struct sim_json *json, int64_t *at_ms);

/* The strings are kept. */
const char *sim_read_name(struct sim_reader *reader, struct sim_json *json, const char *what);
const char *sim_read_action(struct sim_reader *reader, struct sim_json *json);
const char *sim_read_line(struct sim_reader *reader, struct sim_json *json, const char *what);
const char *sim_read_card(struct sim_reader *reader, struct sim_json *json, bool may_be_none);
bool sim_check_line(struct sim_reader *reader, struct sim_json *json, const char *text,
                    const char *what, bool is_key);

/* The index of an object's key in a table of allowed keys, or -1. */
int sim_read_key(struct sim_reader *reader, struct sim_json *member, const char *where,
                 const struct sim_words *keys);

/* The index of a client or actor of the scenario, or -1. With `is_key`, its name is the key. */
int sim_read_client(struct sim_reader *reader, struct sim_json *json, bool is_key);
int sim_read_actor(struct sim_reader *reader, struct sim_json *json);
bool sim_is_name(const char *text);

/* ---- Fields (scenario_fields.c) ------------------------------------------------------------ */

#define SIM_MAX_FIELDS 8 /* of one table */

/* Read a value into the member that the field names, of the structure at `base`. A mistake leaves
 * the member as it was. */
void sim_read_field(struct sim_reader *reader, struct sim_json *json, const struct sim_field *field,
                    void *base);

/* Read all members of an object, each by the field of its key. */
void sim_read_fields(struct sim_reader *reader, struct sim_json *json, const char *where,
                     const char *noun, const struct sim_fields *fields, void *base);

/* The index of the process with this name, new or known; 0 after a mistake, or without a name. */
int sim_read_process(struct sim_reader *reader, struct sim_json *json, const char *name);

/* ---- The parts of a scenario -------------------------------------------------------------- */

/* Replace "${column}" in a copy of the tree, in the row arena.
 * In:      row   the row, or null: then every ${column} is a mistake
 *          used  a flag for each of the row's members, in their order; null without a row
 * Returns: null when out of memory
 */
struct sim_json *sim_matrix_expand(struct sim_reader *reader, const struct sim_json *json,
                                   const struct sim_json *row, bool *used);
/* Check "cases"; false after a mistake. */
bool sim_matrix_check(struct sim_reader *reader, struct sim_json *cases);
void sim_matrix_check_used(struct sim_reader *reader, struct sim_json *cases, const bool *used);

/* "shares", "settings", "given" and "faults" of a scenario, after those of its shared files. */
void sim_read_world(struct sim_reader *reader, struct sim_json *root);
void sim_read_given(struct sim_reader *reader, struct sim_json *json);
void sim_read_faults(struct sim_reader *reader, struct sim_json *json);
void sim_read_note(struct sim_reader *reader, struct sim_json *json);

/* "when". Needs the clients. sim_link_steps() is its second half: the references between steps, for
 * which all steps must be known. */
void sim_read_when(struct sim_reader *reader, struct sim_json *json);
void sim_link_steps(struct sim_reader *reader, struct sim_json *json);

/* "then". Needs clients and actors. */
void sim_read_then(struct sim_reader *reader, struct sim_json *json);
void sim_read_every(struct sim_reader *reader, struct sim_json *json);
void sim_read_outcome(struct sim_reader *reader, struct sim_json *json,
                      struct sim_outcome *outcome);

/* Report equal outcomes and impossible balances. */
void sim_check_outcomes(struct sim_reader *reader);

/* Whether a step submits this id, or with `packs_too` buys it. */
bool sim_id_is_used(const struct sim_case *scenario, const char *id, bool packs_too);

/* Report an id that is in no step, with the nearest id of a step. */
void sim_check_id(struct sim_reader *reader, struct sim_json *json, const char *id, bool packs_too);

/* A whole scenario, with its matrix already replaced. The case is the caller's, zeroed, with id and
 * place. False if it has a mistake. */
bool sim_read_scenario(struct sim_reader *reader, struct sim_json *root);

/* ---- Paths (paths.c) ---------------------------------------------------------------------- */

/* Without "." and "a/..", doubled and trailing slashes. In the arena. */
const char *sim_path_clean(struct sim_arena *arena, const char *path);

/* A path in a file, as seen from the folder of the file that names it; clean. */
const char *sim_path_beside(struct sim_arena *arena, const char *file, const char *path);

/* The case id for a path, see sim_suite_read(); null if it would not be printable UTF-8. */
const char *sim_path_id(struct sim_arena *arena, const char *path);

struct sim_paths {
  struct sim_arena *arena;
  const char **list;
  size_t count, room;
};
/* Collect the scenario files below a folder, sorted; mistakes of the walk go to the reader. The
 * list is freed by the caller. False when out of memory. */
bool sim_paths_walk(struct sim_reader *reader, const char *folder, struct sim_paths *paths);

#endif
