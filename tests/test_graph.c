/* The graph of states: numbers by hash, and the shortest way against brute force on random
 * graphs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "graph.h"

#include <stdlib.h>
#include <string.h>

enum { STATES = 9, MAX_EDGES = 24 };

struct line {
  uint32_t from, to;
  struct sim_transition transition;
};

static uint32_t random_below(uint64_t *seed, uint32_t below) {
  *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)(*seed >> 33) % below;
}

static struct sim_hash hash_of(uint32_t state) {
  /* equal low words: the high ones must tell them apart */
  return (struct sim_hash){.low = state / 2 * UINT64_C(0x9e3779b97f4a7c15), .high = state};
}

static struct sim_graph *graph_new(uint32_t states) {
  struct sim_graph *graph = sim_graph_new(states);
  assert_non_null(graph);
  for (uint32_t i = 0; i < states; i++) {
    bool is_new = false;
    assert_int_equal(sim_graph_state(graph, hash_of(i), &is_new), i);
    assert_true(is_new);
  }
  return graph;
}

/* No two edges from one state have the same transition: a transition leads to one place. */
static int random_lines(uint64_t *seed, struct line lines[MAX_EDGES]) {
  int count = (int)random_below(seed, MAX_EDGES + 1);
  for (int i = 0; i < count; i++)
    lines[i] = (struct line){
        .from = random_below(seed, STATES),
        .to = random_below(seed, STATES),
        .transition = {.task = (int16_t)random_below(seed, 3),
                       .count = 1,
                       .choices = {{.site = 0, .nth = 1, .code = (uint16_t)(i + 1)}}},
    };
  return count;
}

/* Relax every edge until nothing changes. */
static void brute_force(const struct line *lines, int count, uint32_t distances[STATES]) {
  for (int i = 0; i < STATES; i++) distances[i] = i == 0 ? 0 : UINT32_MAX;
  for (int round = 0; round < STATES; round++)
    for (int i = 0; i < count; i++) {
      uint32_t from = distances[lines[i].from];
      if (from != UINT32_MAX && from + 1 < distances[lines[i].to])
        distances[lines[i].to] = from + 1;
    }
}

/* The transitions really lead from state 0 to this one. */
static void follow(const struct sim_graph *graph, const struct line *lines, int count,
                   const uint32_t *path, int length, uint32_t state) {
  uint32_t at = 0;
  for (int m = 0; m < length; m++) {
    int i = 0;
    while (i < count &&
           !(lines[i].from == at &&
             sim_transition_equal(&lines[i].transition, sim_graph_numbered(graph, path[m]))))
      i++;
    if (i == count) fail_msg("transition %d of the way does not exist", m);
    at = lines[i].to;
  }
  assert_int_equal(at, state);
}

static void add_line(struct sim_graph *graph, const struct line *line) {
  struct sim_exit exit = {.to = line->to,
                          .transition = sim_graph_transition(graph, &line->transition)};
  assert_true(sim_graph_exits(graph, line->from, &exit, 1));
}

static struct sim_graph *graph_of(const struct line *lines, int count) {
  struct sim_graph *graph = graph_new(STATES);
  for (int i = 0; i < count; i++) add_line(graph, &lines[i]);
  assert_true(sim_graph_finish(graph));
  return graph;
}

static void test_shortest_way(void **state) {
  (void)state;
  uint64_t seed = 1;
  int unreachable = 0, far = 0;
  for (int round = 0; round < 3000; round++) {
    struct line lines[MAX_EDGES];
    uint32_t distances[STATES];
    int count = random_lines(&seed, lines);
    struct sim_graph *graph = graph_of(lines, count);
    brute_force(lines, count, distances);
    for (uint32_t s = 0; s < STATES; s++) {
      uint32_t *path = NULL;
      assert_int_equal(sim_graph_distance(graph, s), distances[s]);
      int length = sim_graph_path(graph, s, &path);
      assert_int_equal(length, distances[s] == UINT32_MAX ? -1 : (int)distances[s]);
      if (length >= 0) follow(graph, lines, count, path, length, s);
      unreachable += length < 0;
      far += length > 3;
      free(path);
    }
    sim_graph_free(graph);
  }
  assert_true(unreachable > 100 && far > 100); /* both were seen */
}

/* Of equally short ways the same one is told, whatever the order in which the edges were found. */
static void test_order_does_not_show(void **state) {
  (void)state;
  uint64_t seed = 7;
  for (int round = 0; round < 500; round++) {
    struct line lines[MAX_EDGES], shuffled[MAX_EDGES];
    int count = random_lines(&seed, lines);
    memcpy(shuffled, lines, sizeof lines);
    for (int i = count - 1; i > 0; i--) {
      uint32_t j = random_below(&seed, (uint32_t)i + 1);
      struct line line = shuffled[i];
      shuffled[i] = shuffled[j];
      shuffled[j] = line;
    }
    struct sim_graph *a = graph_of(lines, count), *b = graph_of(shuffled, count);
    for (uint32_t s = 0; s < STATES; s++) {
      uint32_t *x = NULL, *y = NULL;
      int length = sim_graph_path(a, s, &x);
      assert_int_equal(sim_graph_path(b, s, &y), length);
      for (int i = 0; i < length; i++)
        assert_true(sim_transition_equal(sim_graph_numbered(a, x[i]), sim_graph_numbered(b, y[i])));
      free(x);
      free(y);
    }
    sim_graph_free(a);
    sim_graph_free(b);
  }
}

/* Many states: the table grows and forgets none. */
static void test_many_states(void **state) {
  (void)state;
  enum { MANY = 5000 };
  struct sim_graph *graph = graph_new(MANY);
  assert_int_equal(sim_graph_count(graph), MANY);
  for (uint32_t i = 0; i < MANY; i++) {
    bool is_new = true;
    assert_int_equal(sim_graph_state(graph, hash_of(i), &is_new), i);
    assert_false(is_new);
    if (i > 0) add_line(graph, &(struct line){i - 1, i, {.task = 1}});
  }
  assert_int_equal(sim_graph_count(graph), MANY);
  assert_true(sim_graph_finish(graph));
  assert_int_equal(sim_graph_depth(graph), MANY - 1);
  uint32_t *path = NULL;
  assert_int_equal(sim_graph_path(graph, MANY - 1, &path), MANY - 1);
  free(path);
  sim_graph_free(graph);
}

static struct sim_transition numbered(uint32_t number) {
  return (struct sim_transition){.count = 1,
                                 .choices = {{.nth = 1, .code = (uint16_t)(number + 1)}}};
}

/* Exits that lead far forwards and far back, with numbers of every length. */
static void test_far_exits(void **state) {
  (void)state;
  enum { MANY = 40000 };
  struct sim_graph *graph = graph_new(MANY);
  uint32_t *path = NULL;
  for (uint32_t i = 0; i < MANY - 1; i++) { /* 0, the last one, 1, the last but one, ... */
    uint32_t from = i % 2 == 0 ? i / 2 : MANY - 1 - i / 2;
    uint32_t to = i % 2 == 0 ? MANY - 1 - i / 2 : i / 2 + 1;
    add_line(graph, &(struct line){from, to, numbered(i)});
  }
  assert_true(sim_graph_finish(graph));
  assert_int_equal(sim_graph_path(graph, MANY / 2, &path), MANY - 1);
  for (uint32_t i = 0; i < MANY - 1; i++) {
    struct sim_transition wanted = numbered(i);
    assert_true(sim_transition_equal(sim_graph_numbered(graph, path[i]), &wanted));
  }
  free(path);
  sim_graph_free(graph);
}

/* States that all want the same slot of the table are told apart. */
static void test_known(void **state) {
  (void)state;
  enum { MANY = 2000 };
  struct sim_graph *graph = sim_graph_new(MANY);
  assert_non_null(graph);
  for (uint32_t i = 0; i < MANY; i++) {
    bool is_new = false;
    struct sim_hash hash = {.low = 0, .high = i};
    assert_int_equal(sim_graph_known(graph, hash), UINT32_MAX);
    assert_int_equal(sim_graph_state(graph, hash, &is_new), i);
    assert_int_equal(sim_graph_known(graph, hash), i);
  }
  sim_graph_free(graph);
}

/* The root is the same for the same states and transitions, whatever their numbers and order; and
 * it is another one if a single transition leads elsewhere, is another transition, or is
 * missing. */
static void test_root(void **state) {
  (void)state;
  uint64_t seed = 3;
  for (int round = 0; round < 300; round++) {
    struct line lines[MAX_EDGES];
    uint32_t numbers[STATES];
    int count = random_lines(&seed, lines);
    struct sim_graph *a = graph_of(lines, count), *b = sim_graph_new(STATES);
    assert_non_null(b);
    for (uint32_t i = 0; i < STATES; i++) { /* numbered backwards */
      bool is_new = false;
      numbers[STATES - 1 - i] = sim_graph_state(b, hash_of(STATES - 1 - i), &is_new);
    }
    for (int i = count - 1; i >= 0; i--)
      add_line(b,
               &(struct line){numbers[lines[i].from], numbers[lines[i].to], lines[i].transition});
    struct sim_hash x = sim_graph_root(a), y = sim_graph_root(b);
    assert_true(x.low == y.low && x.high == y.high);
    if (count > 0) {
      struct line changed = lines[count - 1];
      int what = (int)random_below(&seed, 3);
      if (what == 0) changed.to = (changed.to + 1) % STATES;
      if (what == 1) changed.transition.choices[0].nth++;
      lines[count - 1] = changed;
      struct sim_graph *c = graph_of(lines, what == 2 ? count - 1 : count);
      y = sim_graph_root(c);
      assert_true(x.low != y.low || x.high != y.high);
      sim_graph_free(c);
    }
    sim_graph_free(a);
    sim_graph_free(b);
  }
}

/* States from which no end can be reached, against brute force: the nearest one is told. */
static void test_hopeless(void **state) {
  (void)state;
  uint64_t seed = 5;
  int with = 0, without = 0;
  for (int round = 0; round < 2000; round++) {
    struct line lines[MAX_EDGES];
    bool hope[STATES] = {false};
    uint32_t nearest = UINT32_MAX;
    int count = random_lines(&seed, lines);
    struct sim_graph *graph = graph_of(lines, count);
    for (uint32_t i = random_below(&seed, 4); i > 0; i--) {
      uint32_t end = random_below(&seed, STATES);
      hope[end] = true;
      sim_graph_end_here(graph, end);
    }
    for (int again = 0; again < STATES; again++)
      for (int i = 0; i < count; i++)
        if (hope[lines[i].to]) hope[lines[i].from] = true;
    for (uint32_t s = 0; s < STATES; s++)
      if (!hope[s] && sim_graph_distance(graph, s) < nearest)
        nearest = sim_graph_distance(graph, s);
    uint32_t told = sim_graph_hopeless(graph);
    if (told != UINT32_MAX) {
      assert_false(hope[told]);
      assert_int_equal(sim_graph_distance(graph, told), nearest);
    }
    for (uint32_t s = 0; s < STATES; s++) assert_true(told != UINT32_MAX || hope[s]);
    with += told != UINT32_MAX;
    without += told == UINT32_MAX;
    sim_graph_free(graph);
  }
  assert_true(with > 50 && without > 50); /* both were seen */
}

/* What the graph may take of the 100 bytes that are promised for a state with four transitions
 * out of it. */
static void test_memory(void **state) {
  (void)state;
  enum { MANY = 100000 };
  struct sim_graph *graph = graph_new(MANY);
  for (uint32_t i = 0; i < MANY; i++) {
    struct sim_exit exits[4];
    for (uint32_t j = 0; j < 4; j++)
      exits[j] = (struct sim_exit){
          .to = (i + j) % MANY,
          .transition = sim_graph_transition(graph, &(struct sim_transition){.task = (int16_t)j})};
    assert_true(sim_graph_exits(graph, i, exits, 4));
  }
  assert_true(sim_graph_finish(graph));
  assert_true(sim_graph_bytes(graph) <= (size_t)MANY * 60);
  sim_graph_free(graph);
}

/* More states than there is room for are refused, and the others stay. */
static void test_full(void **state) {
  (void)state;
  struct sim_graph *graph = sim_graph_new(10);
  bool is_new = false;
  uint32_t count = 0;
  assert_non_null(graph);
  while (sim_graph_state(graph, hash_of(count), &is_new) != UINT32_MAX) count++;
  assert_true(count >= 10);
  assert_int_equal(sim_graph_count(graph), count);
  assert_int_equal(sim_graph_state(graph, hash_of(3), &is_new), 3);
  assert_false(is_new);
  sim_graph_free(graph);
}

static void test_small_ones(void **state) {
  (void)state;
  struct sim_graph *graph = graph_new(1);
  uint32_t *path = NULL;
  assert_int_equal(sim_graph_path(graph, 0, &path), -1); /* not finished yet */
  assert_null(path);
  assert_true(sim_graph_finish(graph));
  assert_int_equal(sim_graph_path(graph, 0, &path), 0);
  free(path);
  sim_graph_free(graph);
  sim_graph_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_shortest_way), cmocka_unit_test(test_order_does_not_show),
      cmocka_unit_test(test_many_states),  cmocka_unit_test(test_far_exits),
      cmocka_unit_test(test_known),        cmocka_unit_test(test_root),
      cmocka_unit_test(test_hopeless),     cmocka_unit_test(test_memory),
      cmocka_unit_test(test_full),         cmocka_unit_test(test_small_ones),
  };
  return cmocka_run_group_tests_name("graph", tests, NULL, NULL);
}
