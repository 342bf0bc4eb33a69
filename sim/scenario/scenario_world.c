/* The world before anything happens: "shares", "settings", "given" and "faults". */
#include "reader.h"

#include <string.h>

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

/* ---- Settings ----------------------------------------------------------------------------- */

static void read_currency(struct sim_reader *reader, struct sim_json *json) {
  if (!sim_read_type(reader, json, "\"currency\"", SIM_JSON_STRING)) return;
  if (strlen(json->text) == 3 && strspn(json->text, "abcdefghijklmnopqrstuvwxyz") == 3) {
    memcpy(reader->scenario->currency, json->text, 4);
    return;
  }
  sim_mistake(reader, json, "\"currency\" must be three small letters, such as \"usd\"");
}

static void read_limit(struct sim_reader *reader, struct sim_json *json, const char *what,
                       int64_t *limit_ms) {
  int64_t read_ms = 0;
  if (!sim_read_duration(reader, json, what, &read_ms)) return;
  if (read_ms <= SIM_MAX_LIMIT_MS)
    *limit_ms = read_ms;
  else
    sim_mistake(reader, json, "%s must be at most a day", what);
}

void sim_read_settings(struct sim_reader *reader, struct sim_json *json) {
  static const char *const list[] = {"top_up_tokens", "top_up_price", "currency", "wait_limit",
                                     "attempt_limit"};
  static const struct sim_words keys = {"setting", COUNT(list), list};
  struct sim_case *scenario = reader->scenario;

  if (!sim_read_type(reader, json, "\"settings\"", SIM_JSON_OBJECT)) return;
  for (struct sim_json *member = json->first; member; member = member->next) {
    switch (sim_read_key(reader, member, "\"settings\"", &keys)) {
      case 0:
        (void)sim_read_integer(reader, member, "\"top_up_tokens\"", 1, SIM_MAX_TOKENS,
                               &scenario->top_up_tokens);
        break;
      case 1:
        (void)sim_read_integer(reader, member, "\"top_up_price\"", 50, SIM_MAX_PRICE_MINOR,
                               &scenario->top_up_price_minor);
        break;
      case 2: read_currency(reader, member); break;
      case 3: read_limit(reader, member, "\"wait_limit\"", &scenario->wait_limit_ms); break;
      case 4: read_limit(reader, member, "\"attempt_limit\"", &scenario->attempt_limit_ms); break;
      default: break;
    }
  }
}

/* ---- Clients ------------------------------------------------------------------------------ */

static void read_toggle(struct sim_reader *reader, struct sim_json *json, bool *on) {
  static const char *const list[] = {"off", "on"};
  static const struct sim_words words = {"state of Auto Reload", COUNT(list), list};
  int index;

  if (sim_read_word(reader, json, &words, &index)) *on = index == 1;
}

static void read_client_key(struct sim_reader *reader, struct sim_json *json,
                            struct sim_client *client) {
  static const char *const list[] = {"owner", "balance", "plan", "card", "auto_reload"};
  static const struct sim_words keys = {"key", COUNT(list), list};
  const char *text;
  int index;

  switch (sim_read_key(reader, json, "a client", &keys)) {
    case 0:
      text = sim_read_name(reader, json, "\"owner\"");
      if (text) client->owner = text;
      break;
    case 1:
      (void)sim_read_integer(reader, json, "\"balance\"", -SIM_MAX_TOKENS, SIM_MAX_TOKENS,
                             &client->balance_tokens);
      break;
    case 2:
      if (sim_read_word(reader, json, &sim_plan_words, &index)) client->plan = (enum sim_plan)index;
      break;
    case 3:
      text = sim_read_card(reader, json, true);
      client->card = text && strcmp(text, "none") != 0 ? text : NULL;
      break;
    case 4: read_toggle(reader, json, &client->auto_reload); break;
    default: break;
  }
}

/* The client to fill: the one of that name, which a shared file has described, or a new one. */
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
        .name = sim_arena_text(&reader->suite->keep, member->key, strlen(member->key)),
        .owner = "olga",
        .plan = SIM_PLAN_ACTIVE,
        .card = sim_card_words.list[0]};
    if (!sim_read_type(reader, member, "a client", SIM_JSON_OBJECT)) continue;
    for (struct sim_json *key = member->first; key; key = key->next) {
      read_client_key(reader, key, client);
    }
  }
}

/* ---- Faults ------------------------------------------------------------------------------- */

static bool fits_site(enum sim_behaviour behaviour, enum sim_site site) {
  if (behaviour == SIM_NORMAL) return false;
  if (behaviour >= SIM_MAIL_REFUSED) return site == SIM_SITE_MAIL;
  if (behaviour >= SIM_SUCCEEDED) return site == SIM_SITE_CONFIRM;
  return site != SIM_SITE_MAIL;
}

/* "declined CODE" and "slow DURATION": false after a mistake. */
static bool read_behaviour_tail(struct sim_reader *reader, struct sim_json *json, const char *tail,
                                struct sim_fault *fault) {
  if (fault->behaviour == SIM_DECLINED) {
    const int index = sim_words_index(&sim_code_words, tail);

    if (index >= 0) {
      fault->code = sim_code_words.list[index];
      return true;
    }
    sim_mistake(reader, json, "%s is not a decline code: %s", sim_quote(reader, tail),
                sim_expected(reader, &sim_code_words, tail));
    return false;
  }
  if (sim_parse_duration(tail, &fault->duration_ms)) return true;
  sim_mistake(reader, json, "after \"slow\" a duration is expected, such as \"slow 45 s\"");
  return false;
}

/* What a word may be at this site, for a message. */
static void report_behaviour(struct sim_reader *reader, struct sim_json *json, enum sim_site site) {
  const char *list[SIM_MAIL_LOST + 1];
  struct sim_words words = {"behaviour", 0, list};

  for (int i = 0; i <= SIM_MAIL_LOST; i++) {
    if (!fits_site((enum sim_behaviour)i, site)) continue;
    list[words.count++] = i == SIM_DECLINED ? "declined CODE"
                          : i == SIM_SLOW   ? "slow DURATION"
                                            : sim_behaviour_words.list[i];
  }
  sim_mistake(reader, json, "%s is not a behaviour of %s: %s", sim_quote(reader, json->text),
              sim_site_word(site), sim_expected(reader, &words, json->text));
}

static bool read_behaviour(struct sim_reader *reader, struct sim_json *json, enum sim_site site,
                           struct sim_fault *fault) {
  const char *tail = NULL;
  int index;

  if (!sim_read_type(reader, json, "a behaviour", SIM_JSON_STRING)) return false;
  index = sim_words_index(&sim_behaviour_words, json->text);
  if (strncmp(json->text, "declined ", 9) == 0) {
    index = SIM_DECLINED;
    tail = json->text + 9;
  } else if (strncmp(json->text, "slow ", 5) == 0) {
    index = SIM_SLOW;
    tail = json->text + 5;
  } else if (index == SIM_DECLINED || index == SIM_SLOW) {
    tail = "";
  }
  if (index < 0 || !fits_site((enum sim_behaviour)index, site)) {
    report_behaviour(reader, json, site);
    return false;
  }
  *fault = (struct sim_fault){.behaviour = (enum sim_behaviour)index};
  if (tail && !read_behaviour_tail(reader, json, tail, fault)) return false;
  fault->text = sim_arena_text(&reader->suite->keep, json->text, strlen(json->text));
  return true;
}

static void read_may(struct sim_reader *reader, struct sim_json *json, enum sim_site site,
                     struct sim_site_faults *faults) {
  faults->mood = SIM_MOOD_MAY;
  if (!sim_read_list(reader, json, "the behaviours of one place", 1, SIM_MAX_FAULTS)) return;
  for (struct sim_json *item = json->first; item; item = item->next) {
    struct sim_fault *fault = &faults->faults[faults->count];

    if (!read_behaviour(reader, item, site, fault)) continue;
    for (int i = 0; i < faults->count; i++) {
      if (strcmp(faults->faults[i].text, fault->text) != 0) continue;
      sim_mistake(reader, item, "%s stands here already", sim_quote(reader, item->text));
    }
    faults->count++;
  }
}

static void read_site(struct sim_reader *reader, struct sim_json *json, enum sim_site site) {
  static const char *const list[] = {"first", "always"};
  static const struct sim_words keys = {"key", COUNT(list), list};
  struct sim_site_faults *faults = &reader->scenario->sites[site];
  int index;

  memset(faults, 0, sizeof(*faults)); /* a shared file may have filled it */
  if (json->type == SIM_JSON_ARRAY) {
    read_may(reader, json, site, faults);
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
  faults->mood = index == 0 ? SIM_MOOD_FIRST : SIM_MOOD_ALWAYS;
  faults->count = 1;
}

void sim_read_faults(struct sim_reader *reader, struct sim_json *json) {
  static const char *const list[] = {"gateway.create", "gateway.confirm", "gateway.cancel",
                                     "mail.deliver",   "at_most",         "undeclared"};
  static const struct sim_words keys = {"key", COUNT(list), list};

  if (!sim_read_type(reader, json, "\"faults\"", SIM_JSON_OBJECT)) return;
  for (struct sim_json *member = json->first; member; member = member->next) {
    const int index = sim_read_key(reader, member, "\"faults\"", &keys);
    int64_t number;
    int word;

    if (index >= 0 && index < SIM_SITE_COUNT) {
      read_site(reader, member, (enum sim_site)index);
    } else if (index == SIM_SITE_COUNT &&
               sim_read_integer(reader, member, "\"at_most\"", 1, SIM_MAX_FAULTS, &number)) {
      reader->scenario->fault_limit = (int)number;
    } else if (index == SIM_SITE_COUNT + 1 &&
               sim_read_word(reader, member, &sim_undeclared_words, &word)) {
      reader->scenario->undeclared_faults = word;
    }
  }
}

/* ---- Shared files ------------------------------------------------------------------------- */

static void read_shares(struct sim_reader *reader, struct sim_json *json, const char *file);

/* The keys that shared files and scenarios have in common; what they share comes first, so that the
 * own words win. */
static void read_parts(struct sim_reader *reader, struct sim_json *root, const char *file) {
  struct sim_json *part;

  if ((part = sim_json_get(root, "shares")) != NULL) read_shares(reader, part, file);
  if ((part = sim_json_get(root, "settings")) != NULL) sim_read_settings(reader, part);
  if ((part = sim_json_get(root, "given")) != NULL) sim_read_given(reader, part);
  if ((part = sim_json_get(root, "faults")) != NULL) sim_read_faults(reader, part);
}

static void read_shared_file(struct sim_reader *reader, struct sim_json *json, const char *path) {
  static const char *const list[] = {"$schema", "note", "shares", "settings", "given", "faults"};
  static const struct sim_words keys = {"key", COUNT(list), list};
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
  for (struct sim_json *member = read->first; member; member = member->next) {
    const int index = sim_read_key(reader, member, "a shared file", &keys);

    if (index == 0) (void)sim_read_type(reader, member, "\"$schema\"", SIM_JSON_STRING);
    if (index == 1) sim_read_note(reader, member);
  }
  root = sim_matrix_expand(reader, read, NULL, NULL);
  if (root) read_parts(reader, root, path);
}

/* Read one share, unless it was read before; a file that is still being read closes a circle. */
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
      sim_mistake(reader, json, "the share %s leads in a circle back to here",
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
