#include "engine.h"

#include "text.h"

#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_RETRY_MS = 60 * 1000, LAST_RETRY_MS = 60 * 60 * 1000 };

static enum reload_error check_settings(const struct reload_settings *settings,
                                        struct reload_message *message) {
  const char *wrong = NULL;
  if (settings->top_up_tokens <= 0 || settings->top_up_tokens > RELOAD_TOKENS_MAX)
    wrong = "top_up_tokens must be 1 to 10^15";
  else if (settings->top_up_price_minor < 50 || settings->top_up_price_minor > 99999999)
    wrong = "top_up_price_minor must be 50 to 99999999";
  else if (settings->wait_limit_ms <= 0 || settings->wait_limit_ms > 86400000)
    wrong = "wait_limit_ms must be 1 ms to one day";
  else if (settings->attempt_limit_ms <= 0 || settings->attempt_limit_ms > 86400000)
    wrong = "attempt_limit_ms must be 1 ms to one day";
  if (wrong) {
    rl_message_set(message, "settings: %s", wrong);
    return RELOAD_INVALID;
  }
  return rl_text_currency(settings->currency, "currency setting", message);
}

static enum reload_error check_config(const struct reload_config *config,
                                      struct reload_message *message) {
  const char *missing = NULL;
  if (!config->path || !config->path[0])
    missing = "path";
  else if (!config->card.intent_create || !config->card.intent_confirm ||
           !config->card.intent_cancel)
    missing = "card port";
  else if (!config->clock.now_ms || !config->clock.sleep_ms)
    missing = "clock port";
  else if (!config->mail.deliver)
    missing = "mail port";
  if (!missing) return check_settings(&config->settings, message);
  rl_message_set(message, "config: the %s is missing", missing);
  return RELOAD_INVALID;
}

enum reload_error reload_open(const struct reload_config *config, struct reload_engine **engine,
                              struct reload_message *message) {
  if (message) message->text[0] = '\0';
  if (!config || !engine) {
    rl_message_set(message, "reload_open needs a config and a place for the engine");
    return RELOAD_INVALID;
  }
  *engine = NULL;
  enum reload_error error = reload_sqlite_check(message);
  if (error == RELOAD_OK) error = check_config(config, message);
  if (error != RELOAD_OK) return error;
  struct reload_engine *made = calloc(1, sizeof *made);
  if (!made) {
    rl_message_set(message, "out of memory");
    return RELOAD_NOMEM;
  }
  made->settings = config->settings;
  made->card = config->card;
  made->clock = config->clock;
  made->mail = config->mail;
  error = rl_store_open(config->path, config->vfs, &made->store, message);
  if (error == RELOAD_OK) error = rl_store_checkpoint(made->store, message);
  if (error == RELOAD_OK)
    *engine = made;
  else
    reload_close(made);
  return error;
}

enum reload_error reload_settings_set(struct reload_engine *engine,
                                      const struct reload_settings *settings,
                                      struct reload_message *message) {
  if (message) message->text[0] = '\0';
  enum reload_error error = check_settings(settings, message);
  if (error == RELOAD_OK) engine->settings = *settings;
  return error;
}

enum reload_error reload_checkpoint(struct reload_engine *engine, struct reload_message *message) {
  if (message) message->text[0] = '\0';
  return rl_store_checkpoint(engine->store, message);
}

void reload_close(struct reload_engine *engine) {
  if (!engine) return;
  rl_store_close(engine->store);
  free(engine);
}

int64_t rl_now_ms(const struct reload_engine *engine) {
  return engine->clock.now_ms(engine->clock.self);
}

int64_t rl_backoff_ms(int64_t try_count) {
  int64_t wait_ms = FIRST_RETRY_MS;
  for (int64_t i = 0; i < try_count && wait_ms < LAST_RETRY_MS; i++) wait_ms *= 2;
  return wait_ms < LAST_RETRY_MS ? wait_ms : LAST_RETRY_MS;
}

void rl_make_id(const struct reload_engine *engine, char *id, size_t size, const char *prefix,
                const char *const *parts, size_t count) {
  const char *uid = rl_store_uid(engine->store);
  struct sha256_ctx hash;
  uint8_t digest[16];
  sha256_init(&hash);
  sha256_update(&hash, strlen(uid) + 1, (const uint8_t *)uid);
  for (size_t i = 0; i < count; i++)
    sha256_update(&hash, strlen(parts[i]) + 1, (const uint8_t *)parts[i]);
  sha256_digest(&hash, sizeof digest, digest);

  size_t length = strlen(prefix);
  if (size < length + 2 * sizeof digest + 1) abort(); /* every caller's buffer is RELOAD_KEY_SIZE */
  memset(id, 0, size);
  memcpy(id, prefix, length);
  for (size_t i = 0; i < sizeof digest; i++) {
    id[length + 2 * i] = "0123456789abcdef"[digest[i] >> 4];
    id[length + 2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
  }
}

enum reload_error reload_ledger_read(struct reload_engine *engine, const char *client_id,
                                     const struct reload_ledger_visitor *visitor,
                                     struct reload_message *message) {
  if (message) message->text[0] = '\0';
  enum reload_error error = client_id ? rl_text_id(client_id, "client id", message) : RELOAD_OK;
  if (error == RELOAD_OK) error = rl_store_begin(engine->store, false, message);
  if (error != RELOAD_OK) return error;
  error = rl_store_visit(engine->store, client_id, visitor, message);
  return rl_store_end(engine->store, error, message);
}
