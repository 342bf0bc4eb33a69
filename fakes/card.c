/* The gateway as a value: empty, copied, hashed, searched. */
#include "card_inside.h"

#include <assert.h>
#include <string.h>
#include <xxhash.h>

/* Items are hashed as bytes, so they have no padding. They must have room for all that the port may
 * bring. */
static_assert(sizeof(struct fake_card_intent) == 19 * sizeof(int64_t) + 8 * sizeof(int32_t) +
                                                     5 * FAKE_CARD_TEXT_SIZE + 8 +
                                                     2 * FAKE_CARD_CODE_SIZE,
              "padding in an intent");
static_assert(sizeof(struct fake_card_key) == 5 * sizeof(int64_t) + 2 * sizeof(int32_t) +
                                                  FAKE_CARD_TEXT_SIZE + 2 * FAKE_CARD_CODE_SIZE,
              "padding in a key");
static_assert(offsetof(struct fake_card_event, intent_index) ==
                  4 * sizeof(int64_t) + 2 * sizeof(int32_t) + FAKE_CARD_CODE_SIZE,
              "padding in an event");
static_assert(sizeof(struct fake_card_mark) == FAKE_CARD_TEXT_SIZE + sizeof(uint32_t),
              "padding in a mark");
static_assert(RELOAD_ID_SIZE <= FAKE_CARD_TEXT_SIZE && RELOAD_CODE_SIZE <= FAKE_CARD_CODE_SIZE,
              "a port's string does not fit");

/* One seed for each kind of item, so that none can stand for another. */
enum { SEED_INTENT = 1, SEED_KEY, SEED_EVENT, SEED_MARK };

void fake_card_init(struct fake_card *card) {
  memset(card, 0, offsetof(struct fake_card, intents));
}

void fake_card_copy(struct fake_card *dst, const struct fake_card *src) {
  memcpy(dst, src, offsetof(struct fake_card, intents));
  memcpy(dst->intents, src->intents, (size_t)src->intent_count * sizeof src->intents[0]);
  memcpy(dst->keys, src->keys, (size_t)src->key_count * sizeof src->keys[0]);
  memcpy(dst->events, src->events, (size_t)src->event_count * sizeof src->events[0]);
  memcpy(dst->marks, src->marks, (size_t)src->mark_count * sizeof src->marks[0]);
}

/* The used parts of a gateway, each of them somewhere in memory. */
struct piece {
  size_t offset, size;
};

enum { PIECES = 5 };
static void pieces_of(const struct fake_card *card, struct piece pieces[PIECES]) {
  pieces[0] = (struct piece){0, offsetof(struct fake_card, intents)};
  pieces[1] = (struct piece){offsetof(struct fake_card, intents),
                             (size_t)card->intent_count * sizeof card->intents[0]};
  pieces[2] = (struct piece){offsetof(struct fake_card, keys),
                             (size_t)card->key_count * sizeof card->keys[0]};
  pieces[3] = (struct piece){offsetof(struct fake_card, events),
                             (size_t)card->event_count * sizeof card->events[0]};
  pieces[4] = (struct piece){offsetof(struct fake_card, marks),
                             (size_t)card->mark_count * sizeof card->marks[0]};
}

size_t fake_card_pack(const struct fake_card *card, void *bytes) {
  struct piece pieces[PIECES];
  size_t at = 0;
  pieces_of(card, pieces);
  for (int i = 0; i < PIECES; at += pieces[i++].size)
    if (bytes) memcpy((char *)bytes + at, (const char *)card + pieces[i].offset, pieces[i].size);
  return at;
}

void fake_card_unpack(struct fake_card *card, const void *bytes) {
  struct piece pieces[PIECES];
  memcpy(card, bytes, offsetof(struct fake_card, intents)); /* the counts tell the rest */
  pieces_of(card, pieces);
  size_t at = pieces[0].size;
  for (int i = 1; i < PIECES; at += pieces[i++].size)
    memcpy((char *)card + pieces[i].offset, (const char *)bytes + at, pieces[i].size);
}

/* A sum does not depend on the order of its terms, and unlike XOR equal terms do not cancel out. */
static void add_item(uint64_t sum[2], const void *item, size_t size, uint64_t seed) {
  XXH128_hash_t hash = XXH3_128bits_withSeed(item, size, seed);
  sum[0] += hash.low64;
  sum[1] += hash.high64;
}

void fake_card_hash(const struct fake_card *card, uint64_t out[2]) {
  uint64_t sum[2] = {0, 0};
  for (int32_t i = 0; i < card->intent_count; i++) {
    add_item(sum, &card->intents[i], sizeof card->intents[i], SEED_INTENT);
  }
  for (int32_t i = 0; i < card->key_count; i++) {
    add_item(sum, &card->keys[i], sizeof card->keys[i], SEED_KEY);
  }
  for (int32_t i = 0; i < card->event_count; i++) {
    const struct fake_card_event *event = &card->events[i];
    /* The index depends on the order of creation; the intent's id does not. event_no is part of the
     * bytes, so the order within an intent counts. */
    add_item(sum, event, offsetof(struct fake_card_event, intent_index),
             SEED_EVENT ^ card->intents[event->intent_index].id_hash);
  }
  for (int32_t i = 0; i < card->mark_count; i++) {
    add_item(sum, &card->marks[i], sizeof card->marks[i], SEED_MARK);
  }
  const uint64_t whole[] = {sum[0],
                            sum[1],
                            (uint64_t)card->down_until_ms,
                            (uint64_t)card->overflowed,
                            (uint64_t)card->intent_count,
                            (uint64_t)card->key_count,
                            (uint64_t)card->event_count,
                            (uint64_t)card->mark_count};
  XXH128_hash_t hash = XXH3_128bits(whole, sizeof whole);
  out[0] = hash.low64;
  out[1] = hash.high64;
}

bool fake_card_text_copy(char *dst, size_t dst_size, const char *src) {
  size_t size = src == NULL ? 0 : strlen(src);
  memset(dst, 0, dst_size);
  if (size >= dst_size) {
    return false;
  }
  if (size > 0) {
    memcpy(dst, src, size);
  }
  return true;
}

struct fake_card_intent *fake_card_intent_at(struct fake_card *card, const char *intent_id) {
  if (intent_id == NULL) {
    return NULL;
  }
  uint64_t id_hash = XXH3_64bits(intent_id, strlen(intent_id));
  for (int32_t i = 0; i < card->intent_count; i++) {
    struct fake_card_intent *intent = &card->intents[i];
    if (intent->id_hash == id_hash && strcmp(intent->id, intent_id) == 0) {
      return intent;
    }
  }
  return NULL;
}

struct fake_card_intent *fake_card_intent_new(struct fake_card *card, const char *intent_id,
                                              int64_t now_ms) {
  if (card->intent_count == FAKE_CARD_MAX_INTENTS) {
    card->overflowed = true;
    return NULL;
  }
  struct fake_card_intent *intent = &card->intents[card->intent_count++];
  memset(intent, 0, sizeof *intent);
  (void)fake_card_text_copy(intent->id, sizeof intent->id, intent_id); /* callers check the size */
  intent->id_hash = XXH3_64bits(intent->id, strlen(intent->id));
  intent->created_at_ms = now_ms;
  return intent;
}

const struct fake_card_intent *fake_card_find_intent(const struct fake_card *card,
                                                     const char *intent_id) {
  if (intent_id == NULL) {
    return NULL;
  }
  for (int32_t i = 0; i < card->intent_count; i++) {
    if (strcmp(card->intents[i].id, intent_id) == 0) {
      return &card->intents[i];
    }
  }
  return NULL;
}

/* Is a the better answer for an action that has both? */
static bool is_before(const struct fake_card_intent *a, const struct fake_card_intent *b) {
  bool a_captured = a->captured_minor > 0;
  bool b_captured = b->captured_minor > 0;
  if (a_captured != b_captured) {
    return a_captured;
  }
  if (a->confirm_no != b->confirm_no) {
    return a->confirm_no > b->confirm_no;
  }
  return strcmp(a->id, b->id) < 0;
}

const struct fake_card_intent *fake_card_find_action(const struct fake_card *card,
                                                     const char *action_id) {
  const struct fake_card_intent *best = NULL;
  for (int32_t i = 0; action_id != NULL && i < card->intent_count; i++) {
    const struct fake_card_intent *intent = &card->intents[i];
    if (strcmp(intent->action_id, action_id) == 0 && (best == NULL || is_before(intent, best))) {
      best = intent;
    }
  }
  return best;
}
