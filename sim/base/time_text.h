/* Instants as text, in UTC: the same in every time zone and locale. */
#ifndef SIM_TIME_TEXT_H
#define SIM_TIME_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* "2026-01-15T12:00:00.000Z", for the years 1970 to 9999; "" for others. */
#define SIM_TIME_SIZE 25
void sim_time_text(int64_t at_ms, char text[SIM_TIME_SIZE]);

/* Read an instant, written as "2026-01-15T12:00:00Z".
 * Out:     *at_ms since the epoch
 * Returns: false if it is written otherwise, is no date of the calendar, or is before 1970 */
bool sim_time_read(const char *text, int64_t *at_ms);

#endif
