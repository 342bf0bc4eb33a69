/* A story as a picture (SVG): one lane for each actor, and below them one for each kind of
 * effect. */
#include "html_page.h"

#include "escape.h"
#include "phrases.h"

#include <stdbool.h>
#include <string.h>

#define MAX_STEPS 200
#define MAX_PEOPLE 20
#define LEFT 118 /* pixels */
#define TOP 26
#define STEP_WIDTH 38
#define LANE_HEIGHT 34

struct drawing {
  const struct report_story *story;
  size_t people;
  const char *names[MAX_PEOPLE];
  bool touched[REPORT_TOUCHED_COUNT];
};

/* ---- What a step affects ------------------------------------------------------------------ */

const char *report_about_sign(enum report_about about) {
  static const char *const signs[] = {"◆", "●", "■", "▲", "·", "·"};
  return signs[about];
}

static const char *lane_name(enum report_about about) {
  static const char *const names[REPORT_TOUCHED_COUNT] = {"Card", "Tokens", "Toggle", "Mail"};
  return names[about];
}

static bool touches(const struct report_event *event, enum report_about about) {
  for (size_t i = 0; i < event->line_count; i++) {
    if (event->lines[i].about == about) {
      return true;
    }
  }
  return false;
}

/* ---- Lanes -------------------------------------------------------------------------------- */

static size_t find_person(const struct drawing *drawing, const char *name) {
  size_t i = 0;
  while (i < drawing->people && strcmp(drawing->names[i], name) != 0) {
    i++;
  }
  return i;
}

static bool find_lanes(struct drawing *drawing) {
  for (size_t i = 0; i < drawing->story->count; i++) {
    const struct report_event *event = &drawing->story->events[i];
    size_t person = find_person(drawing, event->who);
    if (person == MAX_PEOPLE) {
      return false;
    }
    if (person == drawing->people) {
      drawing->names[drawing->people++] = event->who;
    }
    for (int about = 0; about < REPORT_TOUCHED_COUNT; about++) {
      drawing->touched[about] |= touches(event, (enum report_about)about);
    }
  }
  return true;
}

/* The middle of an effect's lane, below the actors. An effect without steps has no lane. `about`
 * may be one past the last. */
static int lane_y(const struct drawing *drawing, int about) {
  int lane = (int)drawing->people;
  for (int other = 0; other < about; other++) {
    lane += drawing->touched[other];
  }
  return TOP + 8 + lane * LANE_HEIGHT + LANE_HEIGHT / 2;
}

static int person_y(size_t person) { return TOP + (int)person * LANE_HEIGHT + LANE_HEIGHT / 2; }

static int step_x(size_t step) { return LEFT + STEP_WIDTH / 2 + (int)step * STEP_WIDTH; }

static int drawing_width(const struct drawing *drawing) {
  return LEFT + (int)drawing->story->count * STEP_WIDTH + 24;
}

/* ---- Drawing ------------------------------------------------------------------------------ */

/* At most 14 characters of a name; the tooltip has the full name. */
static void put_label(FILE *out, const char *name) {
  size_t length = 0;
  size_t characters = 0;
  while (name[length] != '\0') {
    characters += ((unsigned char)name[length] & 0xc0) != 0x80;
    if (characters > 14) {
      break;
    }
    length++;
  }
  report_markup_bytes(out, name, length);
  fputs(name[length] == '\0' ? "" : "…", out);
}

static void put_lane(FILE *out, const struct drawing *drawing, const char *name, const char *sign,
                     int y) {
  report_markup(out, "<path class=\"lane\" d=\"M%d %dH%d\"/>", LEFT - 4, y,
                drawing_width(drawing) - 24);
  report_markup(out,
                "<text class=\"label\" x=\"%d\" y=\"%d\" text-anchor=\"end\">"
                "<title>%s</title>%s",
                LEFT - 12, y + 4, name, sign);
  put_label(out, name);
  report_markup(out, "</text>\n");
}

static void put_lanes(FILE *out, const struct drawing *drawing) {
  for (size_t i = 0; i < drawing->people; i++) {
    put_lane(out, drawing, drawing->names[i], "", person_y(i));
  }
  for (int i = 0; i < REPORT_TOUCHED_COUNT; i++) {
    enum report_about about = (enum report_about)i;
    if (drawing->touched[i]) {
      char sign[8];
      snprintf(sign, sizeof sign, "%s ", report_about_sign(about));
      put_lane(out, drawing, lane_name(about), sign, lane_y(drawing, i));
    }
  }
}

/* The clock above the steps, where it changes and there is room. */
static void put_clock(FILE *out, const struct drawing *drawing) {
  int free_from = 0;
  for (size_t i = 0; i < drawing->story->count; i++) {
    const char *at = drawing->story->events[i].at;
    char clock[16];
    if (i > 0 && strcmp(at, drawing->story->events[i - 1].at) == 0) {
      continue;
    }
    if (i > 0) {
      report_markup(out, "<path class=\"tick\" d=\"M%d %dV%d\"/>", step_x(i) - STEP_WIDTH / 2, 8,
                    TOP + (int)drawing->people * LANE_HEIGHT);
    }
    if (report_clock_words(at, clock) == clock && step_x(i) >= free_from) {
      report_markup(out, "<text class=\"clock\" x=\"%d\" y=\"14\">", step_x(i) - 12);
      report_markup_bytes(out, clock, 8);
      report_markup(out, "</text>\n");
      free_from = step_x(i) + 58;
    }
  }
}

static void put_order(FILE *out, const struct drawing *drawing) {
  report_markup(out, "<path class=\"order\" d=\"");
  for (size_t i = 0; i < drawing->story->count; i++) {
    size_t person = find_person(drawing, drawing->story->events[i].who);
    report_markup(out, "%s%d %d", i == 0 ? "M" : "L", step_x(i), person_y(person));
  }
  report_markup(out, "\"/>\n");
}

static void put_shape(FILE *out, enum report_about about, int x, int y) {
  switch (about) {
    case REPORT_ABOUT_CARD:
      report_markup(out, "<path class=\"effect\" d=\"M%d %dl8 8l-8 8l-8-8z\"/>", x, y - 8);
      break;
    case REPORT_ABOUT_TOKENS:
      report_markup(out, "<circle class=\"effect\" cx=\"%d\" cy=\"%d\" r=\"7\"/>", x, y);
      break;
    case REPORT_ABOUT_TOGGLE:
      report_markup(out, "<path class=\"effect\" d=\"M%d %dh13v13h-13z\"/>", x - 6, y - 6);
      break;
    default: report_markup(out, "<path class=\"effect\" d=\"M%d %dl8 14h-16z\"/>", x, y - 8); break;
  }
}

static void draw_step(FILE *out, const struct drawing *drawing, size_t step) {
  const struct report_event *event = &drawing->story->events[step];
  int x = step_x(step);
  int y = person_y(find_person(drawing, event->who));
  report_markup(out, "<g><title>%zu. %s: %s</title>", step + 1, event->who, event->text);
  for (int i = 0; i < REPORT_TOUCHED_COUNT; i++) {
    enum report_about about = (enum report_about)i;
    if (touches(event, about)) {
      int below = lane_y(drawing, i);
      report_markup(out, "<path class=\"reach\" d=\"M%d %dV%d\"/>", x, y, below);
      put_shape(out, about, x, below);
    }
  }
  report_markup(out, "<circle class=\"step\" cx=\"%d\" cy=\"%d\" r=\"11\"/>", x, y);
  report_markup(out,
                "<text class=\"number\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%zu</text></g>\n",
                x, y + 4, step + 1);
}

void report_put_drawing(FILE *out, const struct report_story *story, size_t number) {
  struct drawing drawing = {.story = story};
  if (story->count == 0 || story->count > MAX_STEPS || !find_lanes(&drawing)) {
    return;
  }
  int width = drawing_width(&drawing);
  int height = lane_y(&drawing, REPORT_TOUCHED_COUNT) - LANE_HEIGHT / 2 + 6;
  report_markup(out,
                "<div class=\"drawing\" tabindex=\"0\" role=\"region\" "
                "aria-label=\"Picture of ending %zu\">"
                "<svg role=\"img\" aria-labelledby=\"drawing-%zu\" width=\"%d\" height=\"%d\" "
                "viewBox=\"0 0 %d %d\">",
                number, number, width, height, width, height);
  report_markup(out,
                "<title id=\"drawing-%zu\">The steps listed below, in order from left to "
                "right: who makes each step, and what it affects</title>\n",
                number);
  put_lanes(out, &drawing);
  put_clock(out, &drawing);
  put_order(out, &drawing);
  for (size_t i = 0; i < story->count; i++) {
    draw_step(out, &drawing, i);
  }
  report_markup(out, "</svg></div>\n");
}
