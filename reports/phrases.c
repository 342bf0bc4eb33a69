/* The words of a ledger line; see words.h. */
#include "phrases.h"

#include <string.h>

static bool in_list(const char *word, const char *const *list) {
  while (*list != NULL && strcmp(*list, word) != 0) {
    list++;
  }
  return *list != NULL;
}

/* ---- Money and tokens --------------------------------------------------------------------- */

static void put_upper(FILE *out, report_print *print, const char *text) {
  for (; *text != '\0'; text++) {
    print(out, "%c", *text - 'a' + 'A'); /* is_currency(): a to z only; toupper() has a locale */
  }
}

static bool is_currency_code(const char *text) {
  return strlen(text) == 3 && strspn(text, "abcdefghijklmnopqrstuvwxyz") == 3;
}

void report_money(FILE *out, report_print *print, const struct report_currency *currency,
                  int64_t amount_minor) {
  static const int64_t units[] = {1, 10, 100, 1000};
  if (currency->code == NULL || !is_currency_code(currency->code)) {
    print(out, "%lld minor units", (long long)amount_minor);
    return;
  }
  int64_t unit = units[currency->decimals];
  int64_t rest = amount_minor % unit;
  char fraction[16] = "";
  if (currency->decimals > 0) {
    snprintf(fraction, sizeof fraction, ".%0*d", currency->decimals,
             (int)(rest < 0 ? -rest : rest));
  }
  print(out, "%s%lld%s ", amount_minor < 0 && amount_minor / unit == 0 ? "-" : "",
        (long long)(amount_minor / unit), fraction);
  put_upper(out, print, currency->code);
}

char report_entry_sign(const struct report_line *line) {
  static const char *const taking[] = {"spend", "reversal", NULL};
  static const char *const adding[] = {"top_up", "pack", "grant", NULL};
  if (line->tokens == 0) return '\0'; /* less than a token: no sign */
  return in_list(line->kind, taking) ? '-' : in_list(line->kind, adding) ? '+' : '\0';
}

/* ---- For people --------------------------------------------------------------------------- */

struct phrase {
  const char *word;
  const char *phrase;
};

static const char *find_phrase(const struct phrase *phrases, const char *word) {
  while (phrases->word != NULL && strcmp(phrases->word, word) != 0) {
    phrases++;
  }
  return phrases->phrase;
}

static const struct phrase answers[] = {
    {"done", "the action goes through"},
    {"insufficient tokens", "the Insufficient Tokens modal"},
    {"enabled", "Auto Reload turned on"},
    {"disabled", "Auto Reload turned off"},
    {"already enabled", "Auto Reload was on already; nothing changes"},
    {"already disabled", "Auto Reload was off already; nothing changes"},
    {"add a card", "a prompt to add a card; Auto Reload stays off"},
    {"plan needed", "that an active plan is needed; Auto Reload stays off"},
    {"Enabled", "the toggle shows “Enabled”"},
    {"Disabled", "the toggle shows “Disabled”"},
    {"refused", "the forged event is refused"},
    {"accepted", "the forged event is accepted"},
    {"no answer", "no answer: the process died"},
    {"not covered", "the modal, with the note that Auto Reload could not cover it"},
    {"error", "an error"},
    {NULL, NULL},
};

static void answer_words(FILE *out, report_print *print, const struct report_line *line) {
  const char *phrase = find_phrase(answers, line->kind);
  if (line->for_id != NULL) {
    print(out, "%s: ", line->for_id);
  }
  if (phrase == NULL) {
    print(out, "%s", line->what);
  } else {
    print(out, "%s%s%s", phrase, line->detail == NULL ? "" : ": ",
          line->detail == NULL ? "" : line->detail);
  }
}

static const struct phrase entries[] = {
    {"top_up", "automatic top-up"}, {"spend", "spent"},       {"pack", "pack bought by hand"},
    {"grant", "the plan’s tokens"}, {"reversal", "reversal"}, {NULL, NULL},
};

static void entry_words(FILE *out, report_print *print, const struct report_line *line) {
  const char *phrase = find_phrase(entries, line->kind);
  char sign = report_entry_sign(line);
  if (line->tokens != REPORT_UNSAID) {
    print(out, "%s%lld tokens: ",
          sign == '-'   ? "−"
          : sign == '+' ? "+"
                        : "",
          (long long)line->tokens);
  }
  print(out, "%s", phrase == NULL ? line->what : phrase);
  if (line->for_id != NULL) {
    print(out, strcmp(line->kind, "spend") == 0 ? " on %s" : " for %s", line->for_id);
  }
  if (line->balance_tokens != REPORT_UNSAID) {
    print(out, "; balance %lld", (long long)line->balance_tokens);
  }
}

static const struct phrase results[] = {
    {"captured", "charged"},
    {"declined", "nothing charged: declined"},
    {"3D Secure", "nothing charged: the bank wanted 3D Secure"},
    {"failed", "nothing charged: the attempt failed"},
    {NULL, NULL},
};

static void bank_words(FILE *out, report_print *print, const struct report_currency *currency,
                       const struct report_line *line) {
  const char *phrase = find_phrase(results, line->kind);
  print(out, "%s", phrase == NULL ? line->what : phrase);
  if (phrase != NULL && line->detail != NULL) {
    print(out, ", %s", line->detail);
  }
  if (strcmp(line->kind, "captured") == 0 && line->amount_minor != REPORT_UNSAID) {
    print(out, " ");
    report_money(out, print, currency, line->amount_minor);
  }
  if (line->for_id != NULL) {
    print(out, " for %s", line->for_id);
  }
}

void report_line_words(FILE *out, report_print *print, const struct report_currency *currency,
                       const struct report_line *line) {
  switch (line->book) {
    case REPORT_ANSWER: answer_words(out, print, line); break;
    case REPORT_LOG: entry_words(out, print, line); break;
    case REPORT_BANK: bank_words(out, print, currency, line); break;
    case REPORT_MAIL: print(out, "“Auto Reload %s”", line->what); break;
  }
}

/* ---- For testers -------------------------------------------------------------------------- */

void report_line_terse(FILE *out, report_print *print, const struct report_currency *currency,
                       const struct report_line *line) {
  bool leads = line->book == REPORT_ANSWER && line->for_id != NULL; /* "creative-7: done" */
  print(out, "%s%s%s", leads ? line->for_id : "", leads ? ": " : "", line->what);
  if (line->tokens != REPORT_UNSAID) {
    char sign = report_entry_sign(line);
    print(out, " %s%lld", sign == '-' ? "-" : sign == '+' ? "+" : "", (long long)line->tokens);
  }
  if (line->for_id != NULL && !leads) {
    print(out, " for %s", line->for_id);
  }
  if (line->amount_minor != REPORT_UNSAID) {
    print(out, ", ");
    report_money(out, print, currency, line->amount_minor);
  }
  if (line->balance_tokens != REPORT_UNSAID) {
    print(out, ", balance %lld", (long long)line->balance_tokens);
  }
  if (line->at != NULL) {
    print(out, ", %s", line->at);
  }
  if (line->id != NULL) {
    print(out, ", %s", line->id);
  }
}

/* ---- Names -------------------------------------------------------------------------------- */

void report_theme_words(FILE *out, report_print *print, const struct report_case *a_case) {
  const char *theme;
  size_t length = report_case_theme(a_case, &theme);
  for (size_t i = 0; i < length;) {
    size_t part = 1; /* whole UTF-8 characters */
    while (i + part < length && ((unsigned char)theme[i + part] & 0xc0) == 0x80) {
      part++;
    }
    char text[8] = "";
    memcpy(text, theme + i, part < sizeof text ? part : sizeof text - 1);
    bool is_first = strspn(theme, "0123456789") == i; /* "3D secure" */
    if (is_first && text[0] >= 'a' && text[0] <= 'z') {
      text[0] = (char)(text[0] - 'a' + 'A');
    } else if (text[0] == '-' || text[0] == '_') {
      text[0] = ' ';
    }
    print(out, "%s", text);
    i += part;
  }
}

bool report_is_new_day(const char *before, const char *at) {
  return strlen(at) == 24 && (before == NULL || strncmp(before, at, 10) != 0);
}

const char *report_clock_words(const char *at, char clock[16]) {
  if (strlen(at) != 24 || at[10] != 'T' || at[23] != 'Z') {
    return at;
  }
  memcpy(clock, at + 11, 12);
  clock[12] = '\0';
  return clock;
}
