/* An SQLite that is too old is refused, with what is needed and what was found. */
#include "engine_kit.h"

#include "store.h"

static void too_old_is_refused(void **state) {
  (void)state;
  struct reload_message message;
  assert_int_equal(rl_store_sqlite_fits(3037002, &message), RELOAD_INVALID);
  assert_string_equal(message.text,
                      "SQLite 3.37.2 is linked, but the engine needs 3.40.0 or newer; "
                      "install a newer libsqlite3");
  assert_int_equal(rl_store_sqlite_fits(3039004, NULL), RELOAD_INVALID);
}

static void new_enough_is_taken(void **state) {
  (void)state;
  const int versions[] = {3040000, 3040001, 3050004, 4000000};
  for (size_t i = 0; i < KIT_COUNT(versions); i++)
    assert_int_equal(rl_store_sqlite_fits(versions[i], NULL), RELOAD_OK);
}

static void the_linked_one_will_do(void **state) {
  (void)state;
  struct reload_message message;
  assert_int_equal(reload_sqlite_check(&message), RELOAD_OK);
  assert_string_equal(message.text, "");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(too_old_is_refused),
      cmocka_unit_test(new_enough_is_taken),
      cmocka_unit_test(the_linked_one_will_do),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
