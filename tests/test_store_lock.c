/* A transaction that writes holds the store from its beginning: what is read in it stays true. */
#include "engine_kit.h"

#include "store.h"

struct pair {
  struct kit kit;
  struct rl_store *first, *second;
};

static int open_pair(void **state) {
  static struct pair pair;
  kit_begin(&pair.kit);
  if (rl_store_open(pair.kit.path, NULL, &pair.first, NULL) != RELOAD_OK ||
      rl_store_open(pair.kit.path, NULL, &pair.second, NULL) != RELOAD_OK)
    return -1;
  *state = &pair;
  return 0;
}

static int close_pair(void **state) {
  struct pair *pair = *state;
  rl_store_close(pair->first);
  rl_store_close(pair->second);
  kit_end(&pair->kit);
  return 0;
}

static void a_second_writer_is_told_at_its_beginning(void **state) {
  struct pair *pair = *state;
  assert_int_equal(rl_store_begin(pair->first, true, NULL), RELOAD_OK);
  assert_int_equal(rl_store_begin(pair->second, true, NULL), RELOAD_BUSY);
  assert_int_equal(rl_store_end(pair->first, RELOAD_OK, NULL), RELOAD_OK);
  assert_int_equal(rl_store_begin(pair->second, true, NULL), RELOAD_OK);
  assert_int_equal(rl_store_end(pair->second, RELOAD_OK, NULL), RELOAD_OK);
}

static void a_reader_waits_for_nobody(void **state) {
  struct pair *pair = *state;
  assert_int_equal(rl_store_begin(pair->first, true, NULL), RELOAD_OK);
  assert_int_equal(rl_store_begin(pair->second, false, NULL), RELOAD_OK);
  assert_int_equal(rl_store_end(pair->second, RELOAD_OK, NULL), RELOAD_OK);
  assert_int_equal(rl_store_end(pair->first, RELOAD_OK, NULL), RELOAD_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_second_writer_is_told_at_its_beginning, open_pair,
                                      close_pair),
      cmocka_unit_test_setup_teardown(a_reader_waits_for_nobody, open_pair, close_pair),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
