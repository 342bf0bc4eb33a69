/* A transaction that writes holds the store from its beginning: what is read in it stays true. On
 * the fake disk, where waiting for a lock takes no time. */
#include "disk_kit.h"

#include "store.h"

/* Two processes with the store open. */
struct pair {
  struct kit kit;
  struct rl_store *stores[2];
};

static void open_pair(struct pair *pair) {
  kit_disk(&pair->kit, 1);
  for (int i = 0; i < 2; i++) {
    fake_disk_set_process(pair->kit.disk, i);
    assert_int_equal(rl_store_open("ledger", pair->kit.vfs, &pair->stores[i], NULL), RELOAD_OK);
  }
}

static void close_pair(struct pair *pair) {
  for (int i = 0; i < 2; i++) {
    fake_disk_set_process(pair->kit.disk, i);
    rl_store_close(pair->stores[i]);
  }
  fake_disk_free(pair->kit.disk);
}

static enum reload_error begin(struct pair *pair, int process, bool writes) {
  fake_disk_set_process(pair->kit.disk, process);
  return rl_store_begin(pair->stores[process], writes, NULL);
}

static enum reload_error end(struct pair *pair, int process) {
  fake_disk_set_process(pair->kit.disk, process);
  return rl_store_end(pair->stores[process], RELOAD_OK, NULL);
}

static void test_a_second_writer_is_told_at_its_beginning(void **state) {
  struct pair pair;
  (void)state;
  open_pair(&pair);
  assert_int_equal(begin(&pair, 0, true), RELOAD_OK);
  assert_int_equal(begin(&pair, 1, true), RELOAD_BUSY);
  assert_int_equal(end(&pair, 0), RELOAD_OK);
  assert_int_equal(begin(&pair, 1, true), RELOAD_OK);
  assert_int_equal(end(&pair, 1), RELOAD_OK);
  close_pair(&pair);
}

static void test_a_reader_waits_for_nobody(void **state) {
  struct pair pair;
  (void)state;
  open_pair(&pair);
  assert_int_equal(begin(&pair, 0, true), RELOAD_OK);
  assert_int_equal(begin(&pair, 1, false), RELOAD_OK);
  assert_int_equal(end(&pair, 1), RELOAD_OK);
  assert_int_equal(end(&pair, 0), RELOAD_OK);
  close_pair(&pair);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_a_second_writer_is_told_at_its_beginning),
      cmocka_unit_test(test_a_reader_waits_for_nobody),
  };
  return cmocka_run_group_tests_name("locks of the store", tests, kit_setup, NULL);
}
