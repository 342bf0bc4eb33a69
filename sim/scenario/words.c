/* See words.h. The tables themselves are in language.c. */
#include "words.h"

#include <string.h>

int sim_words_index(const struct sim_words *words, const char *text) {
  for (int i = 0; i < words->count; i++) {
    if (strcmp(words->list[i], text) == 0) return i;
  }
  return -1;
}

/* ---- The nearest word --------------------------------------------------------------------- */

#define LONGEST_WORD 72 /* longer ones get no suggestion */

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

static int smaller(int a, int b) { return a < b ? a : b; }

/* How many letters must be changed, added, dropped or swapped with their neighbour: the restricted
 * Damerau-Levenshtein distance. Three rows of the table are enough. */
static int distance(const char *a, int a_length, const char *b, int b_length) {
  int rows[3][LONGEST_WORD + 1];
  int *before = rows[0], *above = rows[1], *row = rows[2];

  for (int j = 0; j <= b_length; j++) above[j] = before[j] = j;
  for (int i = 1; i <= a_length; i++) {
    int *spare = before;
    row[0] = i;
    for (int j = 1; j <= b_length; j++) {
      const int differs = lower(a[i - 1]) != lower(b[j - 1]);
      row[j] = smaller(smaller(above[j] + 1, row[j - 1] + 1), above[j - 1] + differs);
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = smaller(row[j], before[j - 2] + 1);
      }
    }
    before = above;
    above = row;
    row = spare;
  }
  return above[b_length];
}

const char *sim_words_nearest(const struct sim_words *words, const char *text) {
  const size_t size = strlen(text);
  const char *nearest = NULL;
  int best = LONGEST_WORD;

  if (size > LONGEST_WORD) return NULL;
  for (int i = 0; i < words->count; i++) {
    const size_t word_size = strlen(words->list[i]);
    const size_t longer = word_size > size ? word_size : size;
    int wrong;

    if (word_size > LONGEST_WORD) continue;
    wrong = distance(text, (int)size, words->list[i], (int)word_size);
    if (wrong < best && wrong <= (int)(longer + 2) / 3 && wrong < (int)longer) {
      best = wrong;
      nearest = words->list[i];
    }
  }
  return nearest;
}
