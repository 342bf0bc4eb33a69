/* Minimising: what is not needed goes, what outcomes say stays right, and limits are kept. Most
 * reproducers in here find their failure by looking at the case, so that it is known what is
 * needed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "case_json.h"
#include "checksum.h"
#include "json_print.h"
#include "result.h"
#include "minimise.h"
#include "minimise_edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Helpers ---- */

struct kit {
  struct sim_suite *suite;
  json_t *scenario;
  struct sim_minimise_job job;
  struct sim_minimised minimised;
  int reproductions;
  int faults_needed;
};

static int set_up(void **state) {
  struct kit *kit = calloc(1, sizeof *kit);
  assert_non_null(kit);
  kit->suite = sim_suite_new("scenarios/rules.json");
  kit->job.suite = kit->suite;
  kit->job.name = "regressions/small.json";
  kit->job.signature = (struct sim_signature){"invariant", "MONEY-2", "charged twice"};
  kit->job.limits = (struct sim_limits){.seed = 1};
  kit->job.reproducer_self = kit;
  *state = kit;
  return 0;
}

static int tear_down(void **state) {
  struct kit *kit = *state;
  sim_minimised_free(&kit->minimised);
  json_decref(kit->scenario);
  sim_suite_free(kit->suite);
  free(kit);
  return 0;
}

static void give(struct kit *kit, const char *text) {
  json_error_t error;
  json_decref(kit->scenario);
  kit->scenario = json_loads(text, JSON_REJECT_DUPLICATES, &error);
  if (!kit->scenario) fail_msg("%s", error.text);
  kit->job.scenario = kit->scenario;
}

static bool minimise(struct kit *kit) {
  sim_minimised_free(&kit->minimised);
  kit->reproductions = 0;
  return sim_minimise(&kit->job, &kit->minimised);
}

static json_t *part(const struct kit *kit, const char *key) {
  return json_object_get(kit->minimised.scenario, key);
}

/* A part of the result, as compact JSON. */
static void assert_part(const struct kit *kit, const char *key, const char *wanted) {
  char *text = json_dumps(part(kit, key), JSON_COMPACT | JSON_ENCODE_ANY);
  if (!text || strcmp(text, wanted) != 0)
    fail_msg("\"%s\" is %s, not %s", key, text ? text : "missing", wanted);
  free(text);
}

/* A whole trace with these steps. */
static char *trace_of(const char *steps) {
  char *text = NULL, checksum[SIM_CHECKSUM_SIZE];
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  assert_non_null(out);
  fprintf(out, "reloadsim-trace-1\nfile f\ncase c\nengine e\ndigest d\nfinds f\n%s", steps);
  assert_int_equal(fflush(out), 0);
  sim_checksum(text, size, checksum);
  fprintf(out, "end %.32s\n", checksum);
  assert_int_equal(fclose(out), 0);
  return text;
}

static bool catches(struct sim_reproduced *reproduced, const char *steps, bool found) {
  reproduced->steps = 10;
  if (found) reproduced->trace = trace_of(steps);
  return found;
}

static void assert_trace(const struct kit *kit, const char *steps) {
  char *wanted = trace_of(steps);
  assert_string_equal(kit->minimised.trace, wanted);
  free(wanted);
}

#define STEP "1 | ana | look\n"

static bool has_step(const struct sim_case *the_case, enum sim_verb verb) {
  for (int a = 0; a < the_case->actor_count; a++)
    for (int s = 0; s < the_case->actors[a].step_count; s++)
      if (the_case->actors[a].steps[s].verb == verb) return true;
  return false;
}

#define HEAD "{ \"title\": \"T\", \"rules\": [\"MONEY-2\"], "
#define THREE_CLIENTS                                                                              \
  "\"given\": { \"acme\": { \"balance\": 5, \"plan\": \"past due\", \"card\": "                    \
  "\"pm_card_visa:2\", "                                                                           \
  "\"auto_reload\": \"on\" }, \"bolt\": { \"owner\": \"otto\" }, \"corp\": {} }, "
#define OUTCOMES "\"then\": { \"outcomes\": { \"x\": {} } } }"

/* ---- A violation: everything may be cut ---- */

static const char large[] =
    HEAD "\"clock\": \"2026-03-01T00:00:00Z\", \"settings\": { \"top_up_tokens\": 7, "
         "\"wait_limit\": \"1 min\" }, " THREE_CLIENTS "\"when\": {"
         "\"ana\": [ { \"wait\": \"1 s\" }, { \"submit\": \"a\", \"to\": \"acme\", \"cost\": 70, "
         "\"kind\": \"persona batch\", \"on\": \"web-2\" }, { \"look\": \"bolt\" } ],"
         "\"ben\": [ { \"turn_on\": \"bolt\", \"after\": \"ana\" }, { \"look\": \"acme\" }, "
         "{ \"turn_off\": \"acme\", \"after\": [\"ana\", \"eve\"] } ],"
         "\"eve\": [ { \"refund\": \"a\" } ],"
         "\"zoe\": [ { \"power_cut\": true } ] }, "
         "\"faults\": { \"at_most\": 2, \"gateway.create\": [\"429\"], \"gateway.confirm\": "
         "[\"timeout after\", \"declined lost_card\", \"3D Secure\"], \"mail.deliver\": { "
         "\"always\": \"lost\" } }, \"events\": \"twice\", " OUTCOMES;

static bool needs_submit_and_off(void *self, const struct sim_case *the_case,
                                 const struct sim_signature *signature,
                                 const struct sim_limits *limits,
                                 struct sim_reproduced *reproduced) {
  struct kit *kit = self;
  kit->reproductions++;
  assert_string_equal(signature->harm, "charged twice");
  assert_string_equal(the_case->place.file, "regressions/small.json");
  assert_true(limits->max_states > 0);
  return catches(reproduced, STEP,
                 has_step(the_case, SIM_SUBMIT) && has_step(the_case, SIM_TURN_OFF) &&
                     the_case->actor_count > 1);
}

static void test_what_is_not_needed_goes(void **state) {
  struct kit *kit = *state;
  kit->job.reproducer = needs_submit_and_off;
  give(kit, large);
  assert_true(minimise(kit));
  assert_true(kit->minimised.complete);
  assert_int_equal(kit->minimised.fault_budget, 0);
  assert_int_equal(kit->minimised.candidates, kit->reproductions);
  assert_int_equal(kit->minimised.steps, 10 * kit->reproductions);
  assert_trace(kit, STEP);
  assert_part(kit, "when",
              "{\"ana\":[{\"submit\":\"a\",\"to\":\"acme\",\"cost\":1}],\"ben\":[{\"turn_off\":"
              "\"acme\",\"after\":\"ana\"}]}"); /* an order is kept, but not for who is gone */
  assert_part(kit, "given",
              "{\"acme\":{\"balance\":0,\"plan\":\"active\",\"card\":\"pm_card_visa\","
              "\"auto_reload\":\"on\"}}");
  assert_part(kit, "then", "{\"may\":\"anything\"}");
  assert_null(part(kit, "faults"));
  assert_null(part(kit, "clock"));
  assert_null(part(kit, "settings"));
  assert_null(part(kit, "events"));
}

static void test_it_is_the_same_each_time(void **state) {
  struct kit *kit = *state;
  kit->job.reproducer = needs_submit_and_off;
  give(kit, large);
  assert_true(minimise(kit));
  json_t *first = json_incref(kit->minimised.scenario);
  int candidates = kit->minimised.candidates;
  assert_true(minimise(kit));
  assert_true(json_equal(first, kit->minimised.scenario));
  assert_int_equal(candidates, kit->minimised.candidates);
  json_decref(first);
}

static bool needs_power_or_crash(void *self, const struct sim_case *the_case,
                                 const struct sim_signature *signature,
                                 const struct sim_limits *limits,
                                 struct sim_reproduced *reproduced) {
  (void)self;
  (void)signature;
  (void)limits;
  return catches(reproduced, "t",
                 has_step(the_case, SIM_POWER_CUT) || has_step(the_case, SIM_CRASH));
}

/* A process that dies is weaker than the power that fails. */
static void test_a_power_cut_becomes_a_crash(void **state) {
  struct kit *kit = *state;
  kit->job.reproducer = needs_power_or_crash;
  give(kit, large);
  assert_true(minimise(kit));
  assert_part(kit, "when", "{\"zoe\":[{\"crash\":\"web\"}]}");
}

static bool needs_no_answer(void *self, const struct sim_case *the_case,
                            const struct sim_signature *signature, const struct sim_limits *limits,
                            struct sim_reproduced *reproduced) {
  const struct sim_site_faults *site = &the_case->sites[SIM_SITE_CONFIRM];
  bool found = false;
  (void)self;
  (void)signature;
  (void)limits;
  for (int i = 0; i < site->count; i++)
    found = found || site->faults[i].behaviour == SIM_TIMEOUT_AFTER ||
            site->faults[i].behaviour == SIM_500_ROLLED_BACK ||
            site->faults[i].behaviour == SIM_TIMEOUT_BEFORE;
  return catches(reproduced, STEP, found);
}

/* Of all faults with which it fails, the weakest is told, even if nobody declared that one. */
static void test_the_weakest_fault_that_will_do_stays(void **state) {
  struct kit *kit = *state;
  kit->job.reproducer = needs_no_answer;
  give(kit, large);
  assert_true(minimise(kit));
  assert_part(kit, "faults", "{\"gateway.confirm\":[\"500 rolled back\"]}");
  assert_true(sim_fault_strength("declined lost_card") < sim_fault_strength("3D Secure"));
  assert_true(sim_fault_strength("3D Secure") < sim_fault_strength("slow 45 s"));
  assert_true(sim_fault_strength("slow 45 s") < sim_fault_strength("timeout before"));
  assert_true(sim_fault_strength("timeout before") < sim_fault_strength("timeout after"));
}

/* ---- Injected faults ---- */

static bool needs_lost_reply(void *self, const struct sim_case *the_case,
                             const struct sim_signature *signature, const struct sim_limits *limits,
                             struct sim_reproduced *reproduced) {
  const struct sim_site_faults *site = &the_case->sites[SIM_SITE_CANCEL];
  bool declared = site->count == 1 && site->faults[0].behaviour == SIM_TIMEOUT_AFTER;
  (void)self;
  (void)signature;
  return catches(
      reproduced,
      "1 | ana | decide\n2 | ana | close | gateway.cancel: timeout after | host.retry: again\n",
      declared || limits->fault_budget >= 2);
}

/* What the trace shows is declared, if that is enough: then it fails in any run. */
static void test_an_injected_fault_is_declared(void **state) {
  struct kit *kit = *state;
  kit->job.reproducer = needs_lost_reply;
  kit->job.limits.fault_budget = 2;
  give(kit, HEAD "\"given\": { \"acme\": {} }, \"when\": { \"ana\": [ { \"look\": \"acme\" } ] }, "
                 "\"then\": { \"may\": \"anything\" } }");
  assert_true(minimise(kit));
  assert_int_equal(kit->minimised.fault_budget, 0);
  assert_part(kit, "faults", "{\"gateway.cancel\":[\"timeout after\"]}");
}

static bool needs_a_death(void *self, const struct sim_case *the_case,
                          const struct sim_signature *signature, const struct sim_limits *limits,
                          struct sim_reproduced *reproduced) {
  (void)self;
  (void)signature;
  return catches(reproduced, "1 | ana | account\n2 | world | process 1 dies\n",
                 has_step(the_case, SIM_CRASH) || limits->fault_budget > 0);
}

static void test_an_injected_death_becomes_a_step(void **state) {
  struct kit *kit = *state;
  kit->job.reproducer = needs_a_death;
  kit->job.limits.fault_budget = 1;
  give(kit, HEAD "\"given\": { \"acme\": {} }, \"when\": { \"ana\": [ { \"look\": \"acme\" } ] }, "
                 "\"then\": { \"may\": \"anything\" } }");
  assert_true(minimise(kit));
  assert_int_equal(kit->minimised.fault_budget, 0);
  assert_part(kit, "when", "{\"world\":[{\"crash\":\"web\"}]}");
}

/* A fault of the world, or a step of this kind; the trace shows these steps. */
static enum sim_verb verb_needed;
static const char *steps_shown;

static bool needs_a_step(void *self, const struct sim_case *the_case,
                         const struct sim_signature *signature, const struct sim_limits *limits,
                         struct sim_reproduced *reproduced) {
  (void)self;
  (void)signature;
  return catches(reproduced, steps_shown,
                 has_step(the_case, verb_needed) || limits->fault_budget > 0);
}

/* Whatever a step of the world can do as well is declared as one; what it cannot stays a fault. */
static void test_what_the_world_can_do_becomes_a_step(void **state) {
  static const struct {
    const char *steps;
    enum sim_verb verb;
    int left; /* asked for */
  } rows[] = {
      {"1 | world | process 4 dies\n", SIM_CRASH, 0},
      {"1 | ana | account | wal.write 1: the process dies\n", SIM_CRASH, 0},
      {"1 | ana | account | wal.write 1: the power fails\n", SIM_CRASH, 0},
      {"1 | ana | account | wal.write 1: the power fails\n", SIM_POWER_CUT, 0},
      {"1 | ana | account | wal.write 3: the power fails, writes kept: 1 0\n", SIM_POWER_CUT, 0},
      {"1 | world | the power fails\n", SIM_POWER_CUT, 0},
      {"1 | world | the clock jumps forward by a day\n", SIM_CLOCK, 0},
      {"1 | world | the clock steps back by five minutes\n", SIM_CLOCK, 0},
      {"1 | world | the gateway is down for an hour\n", SIM_GATEWAY_DOWN, 0},
      {"1 | world | an event comes early\n", SIM_DELIVER_EVENTS, 0},
      {"1 | world | an event comes early | gateway.event: early, the 2nd waiting\n",
       SIM_DELIVER_EVENTS, 0},
      {"1 | background | event | gateway.event: twice\n", SIM_DELIVER_EVENTS, 0},
      {"1 | background | event | gateway.event: late\n", SIM_DELIVER_EVENTS, 1},
      {"1 | world | the power fails\n", SIM_CLOCK, 1},
      {"1 | ana | account | wal.write 1: I/O error\n", SIM_CRASH, 1},
      {"1 | zoe | account | wal.write 1: the process dies\n", SIM_CRASH, 1}, /* who is that? */
  };
  struct kit *kit = *state;
  kit->job.reproducer = needs_a_step;
  kit->job.limits.fault_budget = 1;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    give(kit,
         HEAD "\"given\": { \"acme\": {} }, \"when\": { \"ana\": [ { \"look\": \"acme\" } ] }, "
              "\"then\": { \"may\": \"anything\" } }");
    verb_needed = rows[i].verb;
    steps_shown = rows[i].steps;
    assert_true(minimise(kit));
    if (kit->minimised.fault_budget != rows[i].left) fail_msg("%s", rows[i].steps);
    assert_int_equal(json_object_get(part(kit, "when"), "world") != NULL, !rows[i].left);
  }
}

static bool shows(const struct sim_case *the_case, enum sim_site site,
                  enum sim_behaviour behaviour) {
  const struct sim_site_faults *faults = &the_case->sites[site];
  for (int i = 0; i < faults->count; i++)
    if (faults->faults[i].behaviour == behaviour) return true;
  return false;
}

/* All are declared, and one run may show both that calls show. A search with injected faults is
 * dear: the steps would be gone before the end if these were not declared first. */
static bool needs_two_faults(void *self, const struct sim_case *the_case,
                             const struct sim_signature *signature, const struct sim_limits *limits,
                             struct sim_reproduced *reproduced) {
  int declared = shows(the_case, SIM_SITE_CREATE, SIM_TIMEOUT_BEFORE) +
                 shows(the_case, SIM_SITE_CONFIRM, SIM_3D_SECURE);
  int steps = has_step(the_case, SIM_CRASH) + has_step(the_case, SIM_GATEWAY_DOWN);
  (void)self;
  (void)signature;
  if (declared > the_case->fault_limit) declared = the_case->fault_limit;
  bool found = catches(reproduced,
                       "1 | ana | open | gateway.create: timeout before\n"
                       "2 | ana | confirm | gateway.confirm: 3D Secure\n3 | world | process 1 "
                       "dies\n4 | world | the gateway is down for an hour\n",
                       limits->fault_budget + declared + steps >= 4);
  if (limits->fault_budget > 0) reproduced->steps = 5000;
  return found;
}

static void test_faults_are_declared_one_by_one(void **state) {
  struct kit *kit = *state;
  kit->job.reproducer = needs_two_faults;
  kit->job.limits.fault_budget = 4;
  kit->job.max_steps = 100000;
  give(kit, large);
  (void)json_object_del(kit->scenario, "faults");
  assert_true(minimise(kit));
  assert_true(kit->minimised.complete);
  assert_int_equal(kit->minimised.fault_budget, 0);
  assert_int_equal(json_integer_value(json_object_get(part(kit, "faults"), "at_most")), 2);
  assert_part(kit, "when", "{\"world\":[{\"crash\":\"web\"},{\"gateway_down\":\"1 h\"}]}");
}

#define ASKED "1 | ana | asked\n"
#define INJECTED "1 | ana | injected | wal.write 1: I/O error\n"

static bool needs_a_bad_disk(void *self, const struct sim_case *the_case,
                             const struct sim_signature *signature, const struct sim_limits *limits,
                             struct sim_reproduced *reproduced) {
  const struct kit *kit = self;
  (void)signature;
  /* The job's own reproduction sees no case that asks: cutting would not know what is needed. */
  if (!kit->minimised.scenario) assert_int_equal(the_case->injected_faults, 0);
  return catches(reproduced, the_case->injected_faults ? ASKED : INJECTED,
                 limits->fault_budget + the_case->injected_faults >= kit->faults_needed);
}

/* What no scenario can declare is asked for, so that the result fails as it is; not two at once,
 * which would be too much for every run. A case that asked already is minimised as any other. */
static void test_a_fault_that_is_left_is_asked_for(void **state) {
  static const struct {
    const char *faults;
    int budget, needed, left;
    const char *told, *trace;
  } rows[] = {
      {"{}", 1, 1, 0, "{\"injected\":\"single\"}", ASKED},
      {"{\"injected\":\"single\"}", 0, 1, 0, "{\"injected\":\"single\"}", ASKED},
      {"{\"injected\":\"single\"}", 0, 0, 0, NULL, INJECTED},
      {"{\"injected\":\"pairs\",\"mail.deliver\":[\"lost\"]}", 1, 2, 2, NULL, INJECTED},
  };
  struct kit *kit = *state;
  kit->job.reproducer = needs_a_bad_disk;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    kit->faults_needed = rows[i].needed;
    kit->job.limits.fault_budget = rows[i].budget;
    give(kit,
         HEAD "\"given\": { \"acme\": {} }, \"when\": { \"ana\": [ { \"look\": \"acme\" } ] }, "
              "\"then\": { \"may\": \"anything\" } }");
    assert_int_equal(
        json_object_set_new(kit->scenario, "faults", json_loads(rows[i].faults, 0, NULL)), 0);
    assert_true(minimise(kit));
    assert_true(kit->minimised.complete);
    assert_int_equal(kit->minimised.fault_budget, rows[i].left);
    assert_trace(kit, rows[i].trace);
    if (rows[i].told)
      assert_part(kit, "faults", rows[i].told);
    else
      assert_null(part(kit, "faults"));
  }
}

/* ---- What goes only together ---- */

static int count_all_steps(const struct sim_case *the_case) {
  int count = 0;
  for (int a = 0; a < the_case->actor_count; a++) count += the_case->actors[a].step_count;
  return count;
}

static bool needs_a_charge_of_bolt(void *self, const struct sim_case *the_case,
                                   const struct sim_signature *signature,
                                   const struct sim_limits *limits,
                                   struct sim_reproduced *reproduced) {
  bool found = false, whole = count_all_steps(the_case) == 7 && the_case->client_count == 3;
  (void)self;
  (void)signature;
  (void)limits;
  for (int a = 0; a < the_case->actor_count; a++)
    for (int s = 0; s < the_case->actors[a].step_count; s++) {
      const struct sim_step *step = &the_case->actors[a].steps[s];
      found = found || (step->verb == SIM_SUBMIT &&
                        strcmp(the_case->clients[step->client].name, "bolt") == 0);
    }
  return catches(reproduced, "t", found && (whole || the_case->client_count == 1));
}

/* acme and corp hang on actors who deal with bolt too, and eve refunds what was bought for acme: no
 * step can go without all that deals with the two, who can go only together. */
static void test_clients_go_with_all_that_deals_with_them(void **state) {
  struct kit *kit = *state;
  kit->job.reproducer = needs_a_charge_of_bolt;
  give(kit, HEAD THREE_CLIENTS
       "\"when\": { \"ana\": [ { \"submit\": \"a\", \"to\": \"acme\", \"cost\": 1 }, "
       "{ \"submit\": \"b\", \"to\": \"bolt\", \"cost\": 1 }, { \"look\": \"corp\" } ], "
       "\"ben\": [ { \"turn_on\": \"corp\" }, { \"buy_pack\": \"acme\", \"tokens\": 5 } ], "
       "\"eve\": [ { \"refund\": \"a\" }, { \"refund\": \"pack-ben-2\" } ] }, " OUTCOMES);
  assert_true(minimise(kit));
  assert_part(kit, "when", "{\"ana\":[{\"submit\":\"b\",\"to\":\"bolt\",\"cost\":1}]}");
  assert_int_equal(json_object_size(part(kit, "given")), 1);
}

static int count_steps(const struct sim_case *the_case, enum sim_verb verb) {
  int count = 0;
  for (int a = 0; a < the_case->actor_count; a++)
    for (int s = 0; s < the_case->actors[a].step_count; s++)
      count += the_case->actors[a].steps[s].verb == verb;
  return count;
}

static bool needs_balanced_toggles(void *self, const struct sim_case *the_case,
                                   const struct sim_signature *signature,
                                   const struct sim_limits *limits,
                                   struct sim_reproduced *reproduced) {
  int looks = count_steps(the_case, SIM_LOOK);
  (void)self;
  (void)signature;
  (void)limits;
  return catches(reproduced, "t",
                 count_steps(the_case, SIM_SUBMIT) == 1 && looks % 2 == 0 &&
                     count_steps(the_case, SIM_TURN_ON) == count_steps(the_case, SIM_TURN_OFF));
}

/* Neither can go alone: steps of two actors, an actor and a step, two steps of one actor. */
static void test_pairs_go_where_one_cannot(void **state) {
  struct kit *kit = *state;
  kit->job.reproducer = needs_balanced_toggles;
  give(kit, HEAD "\"given\": { \"acme\": {} }, \"when\": {"
                 "\"ana\": [ { \"turn_on\": \"acme\" }, { \"submit\": \"a\", \"to\": "
                 "\"acme\", \"cost\": 1 }, { \"turn_off\": \"acme\" }, "
                 "{ \"look\": \"acme\" }, { \"turn_on\": \"acme\" } ], "
                 "\"ben\": [ { \"turn_off\": \"acme\" }, { \"turn_on\": \"acme\" }, "
                 "{ \"look\": \"acme\" } ], \"cleo\": [ { \"turn_off\": \"acme\" } ] }, " OUTCOMES);
  assert_true(minimise(kit));
  assert_true(kit->minimised.complete);
  assert_part(kit, "when", "{\"ana\":[{\"submit\":\"a\",\"to\":\"acme\",\"cost\":1}]}");
}

static bool needs_two_purchases(void *self, const struct sim_case *the_case,
                                const struct sim_signature *signature,
                                const struct sim_limits *limits,
                                struct sim_reproduced *reproduced) {
  (void)self;
  (void)signature;
  (void)limits;
  return catches(reproduced, "t",
                 count_steps(the_case, SIM_SUBMIT) == 2 && count_steps(the_case, SIM_LOOK) == 1);
}

/* One actor may do what two did, and for one client, if it fails as well. */
static void test_two_become_one(void **state) {
  struct kit *kit = *state;
  kit->job.reproducer = needs_two_purchases;
  give(kit, HEAD "\"given\": { \"acme\": {}, \"bolt\": {} }, \"when\": {"
                 "\"ana\": [ { \"submit\": \"a\", \"to\": \"acme\", \"cost\": 1 } ], "
                 "\"ben\": [ { \"submit\": \"b\", \"to\": \"bolt\", \"cost\": 1 }, "
                 "{ \"look\": \"bolt\", \"after\": \"ana\" } ] }, " OUTCOMES);
  assert_true(minimise(kit));
  assert_int_equal(json_object_size(part(kit, "when")), 1);
  assert_int_equal(json_object_size(part(kit, "given")), 1);
}

/* ---- A search after another reproducer ---- */

#define LONG "1 | ana | wait\n2 | ben | look\n"

static bool finds_in_large(void *self, const struct sim_case *the_case,
                           const struct sim_signature *signature, const struct sim_limits *limits,
                           struct sim_reproduced *reproduced) {
  (void)self;
  (void)signature;
  (void)limits;
  return catches(reproduced, LONG,
                 the_case->actor_count == 2 && strcmp(the_case->clients[0].name, "acme") == 0);
}

/* The other reproducer misses it where one actor is left; a search does not, and tells its own
 * way. */
static void test_a_search_goes_on_where_walks_miss(void **state) {
  struct kit *kit = *state;
  for (int searches = 0; searches < 2; searches++) {
    kit->job.reproducer = finds_in_large;
    kit->job.then_search = searches == 1;
    kit->job.signature = (struct sim_signature){"every", "", "balance exactly 1"};
    give(kit, HEAD "\"given\": { \"acme\": { \"balance\": 5 }, \"bolt\": {} }, \"when\": {"
                   "\"ana\": [ { \"wait\": \"1 s\" } ], \"ben\": [ { \"look\": \"bolt\" } ] }, "
                   "\"then\": { \"every\": { \"balance\": { \"acme\": 1 } }, \"may\": { \"x\": "
                   "{ \"ben\": \"Disabled\" } } } }");
    assert_true(minimise(kit));
    assert_int_equal(json_object_size(part(kit, "when")), searches ? 1 : 2);
    char *by_hand = trace_of(LONG);
    assert_int_equal(strcmp(kit->minimised.trace, by_hand) == 0, !searches);
    free(by_hand);
    assert_true(kit->minimised.complete);
  }
}

/* ---- Limits ---- */

static bool finds_nothing(void *self, const struct sim_case *the_case,
                          const struct sim_signature *signature, const struct sim_limits *limits,
                          struct sim_reproduced *reproduced) {
  (void)self;
  (void)the_case;
  (void)signature;
  (void)limits;
  return catches(reproduced, "", false);
}

static void test_what_is_not_found_is_not_minimised(void **state) {
  struct kit *kit = *state;
  kit->job.reproducer = finds_nothing;
  give(kit, large);
  assert_false(minimise(kit));
  assert_null(kit->minimised.scenario);
  assert_null(kit->minimised.trace);
  assert_false(kit->minimised.complete);
}

static void count_calls(void *self, int candidates, int64_t steps) {
  int *calls = self;
  assert_int_equal(candidates, *calls);
  assert_int_equal(steps, 10 * *calls);
  ++*calls;
}

static void test_limits_are_kept(void **state) {
  struct kit *kit = *state;
  int calls = 0;
  kit->job.reproducer = needs_submit_and_off;
  kit->job.max_candidates = 4;
  kit->job.progress = count_calls;
  kit->job.progress_self = &calls;
  give(kit, large);
  assert_true(minimise(kit));
  assert_int_equal(kit->minimised.candidates, 4);
  assert_int_equal(calls, 4);
  assert_false(kit->minimised.complete);
  kit->job.progress = NULL;
  kit->job.max_candidates = 0;
  kit->job.max_steps = 25; /* of ten each */
  assert_true(minimise(kit));
  assert_int_equal(kit->minimised.candidates, 3);
  assert_false(kit->minimised.complete);
}

static void test_an_interrupt_ends_it(void **state) {
  struct kit *kit = *state;
  static volatile sig_atomic_t interrupt = 1;
  kit->job.reproducer = needs_submit_and_off;
  kit->job.limits.interrupt = &interrupt;
  give(kit, large);
  assert_false(minimise(kit));
  assert_int_equal(kit->reproductions, 0);
}

/* ---- A failure of expected outcomes: what they say stays right ---- */

static bool finds_all(void *self, const struct sim_case *the_case,
                      const struct sim_signature *signature, const struct sim_limits *limits,
                      struct sim_reproduced *reproduced) {
  (void)self;
  (void)the_case;
  (void)signature;
  (void)limits;
  return catches(reproduced, "t", true);
}

static void test_outcomes_stay_right(void **state) {
  struct kit *kit = *state;
  kit->job.reproducer = finds_all;
  kit->job.signature = (struct sim_signature){"unexpected ending", "", "log"};
  give(
      kit, HEAD
      "\"given\": { \"acme\": { \"balance\": 5 }, \"bolt\": { \"balance\": 5 }, \"corp\": {} }, "
      "\"when\": {"
      "\"ana\": [ { \"submit\": \"a\", \"to\": \"acme\", \"cost\": 5 }, { \"wait\": \"1 s\" }, "
      "{ \"look\": \"acme\" }, { \"recover\": true } ],"
      "\"ben\": [ { \"wait\": \"1 s\" }, { \"look\": \"acme\" } ],"
      "\"cleo\": [ { \"wait\": \"2 s\", \"after\": \"ben\" }, { \"turn_on\": \"acme\" } ],"
      "\"dan\": [ { \"submit\": \"d\", \"to\": \"bolt\", \"cost\": 5 } ] }, "
      "\"faults\": { \"gateway.create\": { \"first\": \"429\" }, \"gateway.confirm\": [\"429\"] }, "
      "\"then\": { \"every\": { \"charges\": { \"acme\": 0, \"bolt\": 0 }, \"mails\": { \"bolt\": "
      "0 } }, "
      "\"outcomes\": {"
      "\"x\": { \"ana\": [\"done\", \"Disabled\"], \"ben\": \"Disabled\", \"log\": { \"acme\": [ { "
      "\"spend\": 5 } ], \"bolt\": [ { \"spend\": 5 } ] } },"
      "\"y\": { \"ana\": [\"done\", \"Disabled\"], \"ben\": \"Disabled\", \"dan\": \"insufficient "
      "tokens\", \"log\": "
      "{ \"acme\": [ { \"spend\": 5 } ] } },"
      "\"z\": { \"ana\": [\"done\", \"Enabled\"], \"ben\": \"Disabled\", \"log\": { \"acme\": [ { "
      "\"spend\": 5 } ], \"bolt\": [ { \"spend\": 5 } ] } } } } }");
  assert_true(minimise(kit));
  assert_true(kit->minimised.complete);
  /* ben is waited for, so he stays; bolt's dan goes, and with him what told x from y; what ana sees
   * last can change nothing, and told x from z. The first create fails in every run: that stays. */
  assert_part(kit, "when",
              "{\"ana\":[{\"submit\":\"a\",\"to\":\"acme\",\"cost\":5}],"
              "\"ben\":[{\"wait\":\"1 s\"},{\"look\":\"acme\"}],"
              "\"cleo\":[{\"wait\":\"2 s\",\"after\":\"ben\"},{\"turn_on\":\"acme\"}]}");
  assert_part(kit, "faults", "{\"gateway.create\":{\"first\":\"429\"}}");
  assert_part(kit, "then",
              "{\"every\":{\"charges\":{\"acme\":0}},\"may\":{\"x\":{\"ana\":\"done\",\"ben\":"
              "\"Disabled\",\"log\":[{\"spend\":5}]}}}");
  assert_int_equal(json_object_size(part(kit, "given")), 1);
}

static bool needs_any_fault(void *self, const struct sim_case *the_case,
                            const struct sim_signature *signature, const struct sim_limits *limits,
                            struct sim_reproduced *reproduced) {
  (void)self;
  (void)signature;
  (void)limits;
  return catches(reproduced, "t", the_case->sites[SIM_SITE_CONFIRM].count > 0);
}

/* Only what was declared can be told then: the weakest of it. And an actor that deals with two
 * clients holds both. */
static void test_what_was_told_is_not_replaced(void **state) {
  struct kit *kit = *state;
  kit->job.reproducer = needs_any_fault;
  kit->job.signature = (struct sim_signature){"unexpected ending", "", "log"};
  give(kit, HEAD "\"given\": { \"acme\": {}, \"bolt\": {} }, \"when\": { \"ana\": [ { "
                 "\"turn_off\": \"acme\" }, "
                 "{ \"turn_off\": \"bolt\" } ], \"ben\": [ { \"turn_off\": \"acme\" } ] }, "
                 "\"faults\": { \"at_most\": 3, \"gateway.confirm\": [\"timeout after\", \"slow 1 "
                 "s\", \"timeout "
                 "before\"] }, \"then\": { \"outcomes\": { \"x\": {} } } }");
  assert_true(minimise(kit));
  assert_part(kit, "faults", "{\"gateway.confirm\":[\"slow 1 s\"]}");
  assert_int_equal(json_object_size(part(kit, "given")), 2);
}

static void test_signatures_differ_in_each_part(void **state) {
  const struct sim_signature one = {"invariant", "MONEY-2", "charged twice"};
  const struct sim_signature others[] = {{"every", "MONEY-2", "charged twice"},
                                         {"invariant", "MONEY-1", "charged twice"},
                                         {"invariant", "MONEY-2", "credited twice"}};
  (void)state;
  assert_true(sim_signature_equal(&one, &one));
  for (size_t i = 0; i < 3; i++) assert_false(sim_signature_equal(&one, &others[i]));
}

/* With a real search: a wrong outcome, in a world that has more in it than that. */
static void test_a_wrong_outcome_is_minimised(void **state) {
  struct kit *kit = *state;
  const struct sim_limits limits = {.seed = 1, .max_states = 100000};
  const struct sim_case *const *cases;
  enum sim_verdict verdict;
  json_t *result;
  kit->job.signature = (struct sim_signature){"unexpected ending", "", "log"};
  give(kit, HEAD
       "\"given\": { \"acme\": { \"balance\": 5 }, \"bolt\": { \"balance\": 5 } }, \"when\": {"
       "\"ana\": [ { \"submit\": \"a\", \"to\": \"acme\", \"cost\": 5 }, { \"look\": \"acme\" } ],"
       "\"dan\": [ { \"submit\": \"d\", \"to\": \"bolt\", \"cost\": 5 } ] }, "
       "\"then\": { \"outcomes\": { \"x\": { \"ana\": [\"done\", \"Disabled\"], \"log\": { "
       "\"acme\": [ { \"spend\": 4 } ], \"bolt\": [ { \"spend\": 5 } ] } } } } }");
  assert_true(minimise(kit));
  assert_part(kit, "when", "{\"ana\":[{\"submit\":\"a\",\"to\":\"acme\",\"cost\":5}]}");
  assert_part(kit, "then", "{\"may\":{\"x\":{\"ana\":\"done\",\"log\":[{\"spend\":4}]}}}");
  assert_non_null(strstr(kit->minimised.trace, "\nfile regressions/small.json\n"));
  assert_non_null(strstr(kit->minimised.trace, "\nfinds unexpected ending log, ending "));
  char *text = sim_json_print_text(kit->minimised.scenario, 0);
  assert_non_null(text);
  assert_true(sim_suite_read_text(kit->suite, "again.json", text, strlen(text)));
  assert_int_equal(sim_suite_cases(kit->suite, &cases), 1);
  sim_case_run(NULL, cases[0], &limits, &verdict, &result);
  assert_int_equal(verdict, SIM_FAILED);
  json_t *failures = json_object_get(result, "failures");
  assert_int_equal(json_array_size(failures), 1);
  assert_string_equal(json_string_value(json_object_get(json_array_get(failures, 0), "class")),
                      "log");
  json_decref(result);
  free(text);
}

/* The same failure of another class is another failure. */
static void test_another_class_is_not_found(void **state) {
  struct kit *kit = *state;
  kit->job.signature = (struct sim_signature){"unexpected ending", "", "answer"};
  give(kit, HEAD "\"given\": { \"acme\": { \"balance\": 5 } }, \"when\": { \"ana\": [ { "
                 "\"submit\": \"a\", \"to\": \"acme\", \"cost\": 5 } ] }, "
                 "\"then\": { \"outcomes\": { \"x\": {} } } }");
  assert_false(minimise(kit));
  kit->job.signature = (struct sim_signature){"unexpected ending", "", "log"};
  assert_true(minimise(kit));
  kit->job.signature = (struct sim_signature){"every", "", "balance exactly 1"};
  assert_false(minimise(kit));
  give(kit, HEAD "\"given\": { \"acme\": { \"balance\": 5 } }, \"when\": { \"ana\": [ { "
                 "\"submit\": \"a\", \"to\": \"acme\", \"cost\": 5 } ] }, "
                 "\"then\": { \"every\": { \"balance\": { \"acme\": 1 } }, \"outcomes\": { \"x\": "
                 "{ \"log\": [ { \"spend\": 5 } ] } } } }");
  assert_true(minimise(kit));
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      test(test_what_is_not_needed_goes),
      test(test_it_is_the_same_each_time),
      test(test_a_power_cut_becomes_a_crash),
      test(test_the_weakest_fault_that_will_do_stays),
      test(test_an_injected_fault_is_declared),
      test(test_an_injected_death_becomes_a_step),
      test(test_what_the_world_can_do_becomes_a_step),
      test(test_faults_are_declared_one_by_one),
      test(test_a_fault_that_is_left_is_asked_for),
      test(test_clients_go_with_all_that_deals_with_them),
      test(test_pairs_go_where_one_cannot),
      test(test_two_become_one),
      test(test_a_search_goes_on_where_walks_miss),
      test(test_what_is_not_found_is_not_minimised),
      test(test_limits_are_kept),
      test(test_an_interrupt_ends_it),
      test(test_outcomes_stay_right),
      test(test_what_was_told_is_not_replaced),
      test(test_signatures_differ_in_each_part),
      test(test_a_wrong_outcome_is_minimised),
      test(test_another_class_is_not_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
