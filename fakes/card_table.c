/* The gateway's test cards: what an off-session confirm gives, and what comes after. */
#include "card_inside.h"

#include <string.h>

/* The chargeDeclined* cards cannot be attached to a customer at the real gateway; that they decline
 * here as a card on file is a harness extension. */
static const struct fake_card_kind kinds[] = {
    {"pm_card_visa", "", FAKE_CARD_TRAIT_NONE},
    {"pm_card_visa_chargeDeclined", "generic_decline", FAKE_CARD_TRAIT_NONE},
    {"pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds", FAKE_CARD_TRAIT_NONE},
    {"pm_card_visa_chargeDeclinedLostCard", "lost_card", FAKE_CARD_TRAIT_NONE},
    {"pm_card_visa_chargeDeclinedStolenCard", "stolen_card", FAKE_CARD_TRAIT_NONE},
    {"pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_velocity_exceeded",
     FAKE_CARD_TRAIT_NONE},
    {"pm_card_chargeDeclinedExpiredCard", "expired_card", FAKE_CARD_TRAIT_NONE},
    {"pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", FAKE_CARD_TRAIT_NONE},
    {"pm_card_chargeDeclinedProcessingError", "processing_error", FAKE_CARD_TRAIT_NONE},
    {"pm_card_chargeCustomerFail", "generic_decline", FAKE_CARD_TRAIT_NONE},
    {"pm_card_radarBlock", "fraudulent", FAKE_CARD_TRAIT_NONE},
    {"pm_card_authenticationRequired", "authentication_required", FAKE_CARD_TRAIT_NONE},
    {"pm_card_authenticationRequiredOnSetup", "authentication_required",
     FAKE_CARD_TRAIT_SET_UP_HELPS},
    {"pm_card_authenticationRequiredSetupForOffSession", "", FAKE_CARD_TRAIT_NONE},
    {"pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", "insufficient_funds",
     FAKE_CARD_TRAIT_DECLINES_AFTER_3D},
    {"pm_card_createDispute", "", FAKE_CARD_TRAIT_DISPUTES},
    {"pm_card_pendingRefund", "", FAKE_CARD_TRAIT_REFUND_PENDS},
    {"pm_card_refundFail", "", FAKE_CARD_TRAIT_REFUND_FAILS},
};

/* "" or ":digits": a second card of the same kind. */
static bool is_suffix(const char *text) {
  if (text[0] == '\0') {
    return true;
  }
  return text[0] == ':' && text[1] != '\0' && strspn(text + 1, "0123456789") == strlen(text + 1);
}

const struct fake_card_kind *fake_card_kind_of(const char *card_id) {
  if (card_id == NULL || strlen(card_id) >= RELOAD_ID_SIZE) {
    return NULL;
  }
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    size_t size = strlen(kinds[i].name);
    if (strncmp(card_id, kinds[i].name, size) == 0 && is_suffix(card_id + size)) {
      return &kinds[i];
    }
  }
  return NULL;
}

enum fake_card_trait fake_card_trait_of(const char *card_id) {
  const struct fake_card_kind *kind = fake_card_kind_of(card_id);
  return kind == NULL ? FAKE_CARD_TRAIT_NONE : kind->trait;
}

bool fake_card_is_known(const char *card_id) { return fake_card_kind_of(card_id) != NULL; }

const char *fake_card_error_code(const char *decline_code) {
  static const char *const own[] = {"expired_card", "incorrect_cvc", "processing_error",
                                    "authentication_required"};
  for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
    if (strcmp(decline_code, own[i]) == 0) {
      return own[i];
    }
  }
  return "card_declined";
}

static int32_t mark_index(const struct fake_card *card, const char *card_id) {
  for (int32_t i = 0; i < card->mark_count; i++) {
    if (strcmp(card->marks[i].card_id, card_id) == 0) {
      return i;
    }
  }
  return -1;
}

bool fake_card_is_marked(const struct fake_card *card, const char *card_id,
                         enum fake_card_mark_bit bit) {
  int32_t index = mark_index(card, card_id);
  return index >= 0 && (card->marks[index].bits & (uint32_t)bit) != 0;
}

static bool mark_add(struct fake_card *card, const char *card_id, enum fake_card_mark_bit bit) {
  int32_t index = mark_index(card, card_id);
  if (index < 0) {
    if (card->mark_count == FAKE_CARD_MAX_MARKS) {
      card->overflowed = true;
      return false;
    }
    index = card->mark_count++;
    card->marks[index].bits = 0;
    (void)fake_card_text_copy(card->marks[index].card_id, FAKE_CARD_TEXT_SIZE, card_id);
  }
  card->marks[index].bits |= (uint32_t)bit;
  return true;
}

bool fake_card_detach(struct fake_card *card, const char *card_id) {
  return fake_card_is_known(card_id) && mark_add(card, card_id, FAKE_CARD_DETACHED);
}

bool fake_card_set_up_on_session(struct fake_card *card, const char *card_id) {
  return fake_card_is_known(card_id) && !fake_card_is_marked(card, card_id, FAKE_CARD_DETACHED) &&
         mark_add(card, card_id, FAKE_CARD_SET_UP);
}
