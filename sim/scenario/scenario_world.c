/* Reading the given world: "shares", "settings", "given" and "faults". */
#include "reader.h"

#include <string.h>

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

/* ---- Settings and clients ----------------------------------------------------------------- */

static void read_settings(struct sim_reader *reader, struct sim_json *json) {
  if (!sim_read_type(reader, json, "\"settings\"", SIM_JSON_OBJECT)) return;
  sim_read_fields(reader, json, "\"settings\"", "setting", &sim_settings, reader->scenario);
}

void sim_client_begin(struct sim_client *client) {
  for (int i = 0; i < sim_client_fields.count; i++) {
    sim_field_reset(&sim_client_fields.list[i], client);
  }
}

/* The client to fill: the one with that name from a shared file, or a new one. */
static struct sim_client *find_client(struct sim_reader *reader, struct sim_json *json) {
  struct sim_case *scenario = reader->scenario;

  if (!sim_is_name(json->key)) {
    sim_mistake_key(reader, json,
                    "a client's name: %s must be 1 to %d letters, digits, \".\", \"_\" "
                    "or \"-\"",
                    sim_quote(reader, json->key), SIM_MAX_NAME_BYTES);
    return NULL;
  }
  for (int i = 0; i < scenario->client_count; i++) {
    if (strcmp(scenario->clients[i].name, json->key) == 0) return &scenario->clients[i];
  }
  if (scenario->client_count == SIM_MAX_CLIENTS) {
    sim_mistake_key(reader, json, "a scenario may have at most %d clients", SIM_MAX_CLIENTS);
    return NULL;
  }
  return &scenario->clients[scenario->client_count++];
}

void sim_read_given(struct sim_reader *reader, struct sim_json *json) {
  if (!sim_read_type(reader, json, "\"given\"", SIM_JSON_OBJECT)) return;
  for (struct sim_json *member = json->first; member; member = member->next) {
    struct sim_client *client = find_client(reader, member);

    if (!client) continue;
    *client = (struct sim_client){
        .name = sim_arena_text(&reader->suite->keep, member->key, strlen(member->key))};
    sim_client_begin(client);
    if (!sim_read_type(reader, member, "a client", SIM_JSON_OBJECT)) continue;
    sim_read_fields(reader, member, "a client", "key", &sim_client_fields, client);
  }
}

/* ---- Faults ------------------------------------------------------------------------------- */

/* Read what follows the behaviour's word. Returns: false after a mistake */
static bool read_tail(struct sim_reader *reader, struct sim_json *json, const char *tail,
                      struct sim_fault *fault) {
  const struct sim_behaviour_word *row = &sim_behaviours[fault->behaviour];
  const struct sim_words *codes = sim_behaviour_codes(fault->behaviour);
  int index;

  if (codes) {
    index = sim_words_index(codes, tail);
    if (index >= 0) {
      fault->code = codes->list[index];
      return true;
    }
    sim_mistake(reader, json, "%s is not a %s: %s", sim_quote(reader, tail), codes->noun,
                sim_expected(reader, codes, tail));
    return false;
  }
  if (sim_parse_duration(tail, &fault->duration_ms)) return true;
  sim_mistake(reader, json, "\"%s\" needs a duration, such as \"%s 45 s\"", row->word, row->word);
  return false;
}

/* The possible behaviours at this site, for a message. */
static void report_behaviour(struct sim_reader *reader, struct sim_json *json, enum sim_site site) {
  const char *list[SIM_BEHAVIOUR_COUNT];
  struct sim_words words = {"behaviour", 0, list};

  for (int i = 0; i < SIM_BEHAVIOUR_COUNT; i++) {
    if (!sim_behaviour_fits((enum sim_behaviour)i, site)) continue;
    list[words.count++] = sim_arena_format(&reader->suite->scratch, "%s%s", sim_behaviours[i].word,
                                           sim_behaviour_tail((enum sim_behaviour)i));
  }
  sim_mistake(reader, json, "%s is not a behaviour of %s: %s", sim_quote(reader, json->text),
              sim_site_word(site), sim_expected(reader, &words, json->text));
}

static bool read_behaviour(struct sim_reader *reader, struct sim_json *json, enum sim_site site,
                           struct sim_fault *fault) {
  const char *tail;
  int index;

  if (!sim_read_type(reader, json, "a behaviour", SIM_JSON_STRING)) return false;
  index = sim_behaviour_of(json->text, &tail);
  if (index < 0 || !sim_behaviour_fits((enum sim_behaviour)index, site)) {
    report_behaviour(reader, json, site);
    return false;
  }
  *fault = (struct sim_fault){.behaviour = (enum sim_behaviour)index};
  if (sim_behaviours[index].takes != SIM_TAKES_NOTHING &&
      !read_tail(reader, json, tail ? tail : "", fault)) {
    return false;
  }
  fault->text = sim_arena_text(&reader->suite->keep, json->text, strlen(json->text));
  return true;
}

static void read_may_list(struct sim_reader *reader, struct sim_json *json, enum sim_site site,
                          struct sim_site_faults *faults) {
  faults->policy = SIM_POLICY_MAY;
  if (!sim_read_list(reader, json, "the behaviours of one place", 1, SIM_MAX_FAULTS)) return;
  for (struct sim_json *item = json->first; item; item = item->next) {
    struct sim_fault *fault = &faults->faults[faults->count];

    if (!read_behaviour(reader, item, site, fault)) continue;
    for (int i = 0; i < faults->count; i++) {
      if (strcmp(faults->faults[i].text, fault->text) != 0) continue;
      sim_mistake(reader, item, "%s is already here", sim_quote(reader, item->text));
    }
    faults->count++;
  }
}

static void read_site(struct sim_reader *reader, struct sim_json *json, enum sim_site site) {
  static const char *const list[] = {"first", "always"};
  static const struct sim_words keys = {"key", COUNT(list), list};
  struct sim_site_faults *faults = &reader->scenario->sites[site];
  int index;

  memset(faults, 0, sizeof(*faults)); /* a shared file may have set it */
  if (json->type == SIM_JSON_ARRAY) {
    read_may_list(reader, json, site, faults);
    return;
  }
  if (json->type != SIM_JSON_OBJECT) {
    sim_mistake(reader, json,
                "expected [\"timeout after\"] for what may happen, {\"first\": ...} or "
                "{\"always\": ...} for what must, not %s",
                sim_json_type_word(json->type));
    return;
  }
  if (json->count != 1) {
    sim_mistake(reader, json, "expected one of the keys \"first\" and \"always\"");
    return;
  }
  index = sim_read_key(reader, json->first, "a fault", &keys);
  if (index < 0 || !read_behaviour(reader, json->first, site, &faults->faults[0])) return;
  faults->policy = index == 0 ? SIM_POLICY_FIRST : SIM_POLICY_ALWAYS;
  faults->count = 1;
}

void sim_read_faults(struct sim_reader *reader, struct sim_json *json) {
  const char *list[SIM_SITE_COUNT + SIM_MAX_FIELDS];
  struct sim_words keys = {"key", 0, list};

  if (!sim_read_type(reader, json, "\"faults\"", SIM_JSON_OBJECT)) return;
  for (int i = 0; i < SIM_SITE_COUNT; i++) list[keys.count++] = sim_site_words.list[i];
  for (int i = 0; i < sim_fault_fields.count; i++) {
    list[keys.count++] = sim_fault_fields.list[i].word;
  }
  for (struct sim_json *member = json->first; member; member = member->next) {
    const int index = sim_read_key(reader, member, "\"faults\"", &keys);

    if (index >= SIM_SITE_COUNT) {
      sim_read_field(reader, member, &sim_fault_fields.list[index - SIM_SITE_COUNT],
                     reader->scenario);
    } else if (index >= 0) {
      read_site(reader, member, (enum sim_site)index);
    }
  }
}

/* ---- Shared files ------------------------------------------------------------------------- */

static void read_shares(struct sim_reader *reader, struct sim_json *json, const char *file);

/* The keys that shared files and scenarios have in common. Shared files come first, so that the
 * scenario's own values win. */
static void read_parts(struct sim_reader *reader, struct sim_json *root, const char *file) {
  struct sim_json *part;

  if ((part = sim_json_get(root, "shares")) != NULL) read_shares(reader, part, file);
  if ((part = sim_json_get(root, "settings")) != NULL) read_settings(reader, part);
  if ((part = sim_json_get(root, "given")) != NULL) sim_read_given(reader, part);
  if ((part = sim_json_get(root, "faults")) != NULL) sim_read_faults(reader, part);
}

static void read_shared_file(struct sim_reader *reader, struct sim_json *json, const char *path) {
  const char *list[SIM_FILE_KEY_COUNT];
  struct sim_words keys = {"key", 0, list};
  struct sim_json_error error;
  struct sim_json *read = sim_json_load(&reader->suite->scratch, path, &error);
  struct sim_json *root;

  if (!read) {
    if (error.unread) {
      sim_mistake(reader, json, "the share %s: %s", sim_quote(reader, path), error.text);
    } else {
      sim_mistake_at(reader, error.place, "%s", error.text);
    }
    return;
  }
  if (!sim_read_type(reader, read, "a shared file", SIM_JSON_OBJECT)) return;
  for (int i = 0; i < SIM_FILE_KEY_COUNT; i++) {
    if (sim_file_keys[i].is_shared) list[keys.count++] = sim_file_keys[i].word;
  }
  for (struct sim_json *member = read->first; member; member = member->next) {
    (void)sim_read_key(reader, member, "a shared file", &keys);
    if (strcmp(member->key, "$schema") == 0) {
      (void)sim_read_type(reader, member, "\"$schema\"", SIM_JSON_STRING);
    }
    if (strcmp(member->key, "note") == 0) sim_read_note(reader, member);
  }
  root = sim_matrix_expand(reader, read, NULL, NULL);
  if (root) read_parts(reader, root, path);
}

/* Read one shared file, unless it was read before. A file that is still being read closes a
 * circle. */
static void read_share(struct sim_reader *reader, struct sim_json *json, const char *file) {
  const char *path;
  int index = 0;

  if (!sim_read_type(reader, json, "a share", SIM_JSON_STRING)) return;
  if (json->text[0] == '\0' || json->text[0] == '/') {
    sim_mistake(reader, json,
                "a share is a path relative to this file, such as "
                "\"../shared/acme.json\"");
    return;
  }
  path = sim_path_beside(&reader->suite->keep, file, json->text);
  while (index < reader->share_count && strcmp(reader->shares[index], path) != 0) index++;
  if (index < reader->share_count) {
    if (reader->share_open[index]) {
      sim_mistake(reader, json, "the shared file %s leads back to this file",
                  sim_quote(reader, json->text));
    }
    return;
  }
  if (reader->share_count == SIM_MAX_SHARES) {
    sim_mistake(reader, json, "a scenario may share at most %d files", SIM_MAX_SHARES);
    return;
  }
  if (strlen(path) >= SIM_MAX_PATH_BYTES) {
    sim_mistake(reader, json, "this path is too long");
    return;
  }
  reader->shares[reader->share_count++] = path;
  reader->share_open[index] = true;
  read_shared_file(reader, json, path);
  reader->share_open[index] = false;
}

static void read_shares(struct sim_reader *reader, struct sim_json *json, const char *file) {
  if (!sim_read_type(reader, json, "\"shares\"", SIM_JSON_ARRAY) ||
      !sim_read_list(reader, json, "\"shares\"", 1, SIM_MAX_SHARES)) {
    return;
  }
  for (struct sim_json *item = json->first; item; item = item->next) {
    read_share(reader, item, file);
  }
}

void sim_read_world(struct sim_reader *reader, struct sim_json *root) {
  struct sim_json *given = sim_json_get(root, "given");

  read_parts(reader, root, reader->file);
  if (reader->scenario->client_count > 0) return;
  if (given) {
    sim_mistake_key(reader, given, "\"given\" must describe at least one client");
  } else {
    sim_mistake(reader, root,
                "\"given\" is missing: it describes the clients, here or in a file "
                "named in \"shares\"");
  }
}
