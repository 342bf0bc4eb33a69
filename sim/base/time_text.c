#define _DEFAULT_SOURCE /* timegm */
#include "time_text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void sim_time_text(int64_t at_ms, char text[SIM_TIME_SIZE]) {
  time_t seconds = (time_t)(at_ms / 1000);
  struct tm tm;
  size_t size = 0;
  bool in_range = at_ms >= 0 && gmtime_r(&seconds, &tm) && tm.tm_year < 10000 - 1900;
  if (in_range) size = strftime(text, SIM_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
  if (size > 0)
    (void)snprintf(text + size, SIM_TIME_SIZE - size, ".%03uZ", (unsigned)(at_ms % 1000));
  else
    text[0] = '\0';
}

/* The number in the digits text[from] .. text[from + count - 1]. */
static int number_at(const char *text, int from, int count) {
  int number = 0;
  for (int i = from; i < from + count; i++) number = number * 10 + (text[i] - '0');
  return number;
}

bool sim_time_read(const char *text, int64_t *at_ms) {
  static const char shape[] = "0000-00-00T00:00:00Z";
  if (strlen(text) != sizeof shape - 1) return false;
  for (size_t i = 0; shape[i]; i++)
    if (shape[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i]) return false;
  struct tm tm = {.tm_year = number_at(text, 0, 4) - 1900,
                  .tm_mon = number_at(text, 5, 2) - 1,
                  .tm_mday = number_at(text, 8, 2),
                  .tm_hour = number_at(text, 11, 2),
                  .tm_min = number_at(text, 14, 2),
                  .tm_sec = number_at(text, 17, 2)};
  struct tm same = tm; /* timegm() turns 30 February into 1 March: then it is no date */
  time_t seconds = timegm(&same);
  *at_ms = (int64_t)seconds * 1000;
  return seconds >= 0 && same.tm_mon == tm.tm_mon && same.tm_mday == tm.tm_mday &&
         same.tm_hour == tm.tm_hour && same.tm_min == tm.tm_min && same.tm_sec == tm.tm_sec;
}
