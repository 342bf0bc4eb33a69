#include "world.h"

#include <string.h>
#include <xxhash.h>

static size_t job_size(int32_t job) {
  switch ((enum sim_job)job) {
    case SIM_JOB_SPEND: return sizeof(struct reload_spend);
    case SIM_JOB_RECOVERY: return sizeof(struct reload_recovery);
    case SIM_JOB_DELIVERY: return sizeof(struct reload_delivery);
    case SIM_JOB_POSTING: return sizeof(struct sim_posting);
    case SIM_JOB_NONE:
    case SIM_JOB_SLEEP: return 0;
  }
  return 0;
}

static void copy_task(struct sim_task *to, const struct sim_task *from) {
  memcpy(to, from, offsetof(struct sim_task, as));
  memcpy(&to->as, &from->as, job_size(from->job));
}

void sim_world_init(struct sim_world *world, int64_t start_ms) {
  memset(world, 0, offsetof(struct sim_world, mail));
  fake_clock_init(&world->clock, start_ms);
  fake_mail_init(&world->mail);
  memset(&world->books, 0, offsetof(struct sim_books, entries));
  fake_card_init(&world->card);
}

void sim_world_copy(struct sim_world *to, const struct sim_world *from,
                    const struct sim_case *the_case) {
  memcpy(to, from, offsetof(struct sim_world, tasks));
  for (int i = 0; i < the_case->actor_count; i++) copy_task(&to->tasks[i], &from->tasks[i]);
  copy_task(&to->tasks[SIM_BACKGROUND], &from->tasks[SIM_BACKGROUND]);
  fake_mail_copy(&to->mail, &from->mail);
  sim_books_copy(&to->books, &from->books, the_case->client_count);
  fake_card_copy(&to->card, &from->card);
}

/* A request is hashed by its fields: the engine may leave anything in padding. */
struct digest {
  size_t size;
  uint64_t words[64];
};

static void add(struct digest *digest, uint64_t value) { digest->words[digest->size++] = value; }

static void add_attempt(struct digest *digest, const struct reload_attempt *attempt) {
  add(digest, sim_text_hash(attempt->charge_id));
  add(digest, sim_text_hash(attempt->intent_id));
  add(digest, sim_text_hash(attempt->card_id));
  add(digest, (uint64_t)attempt->amount_minor);
  add(digest, sim_text_hash(attempt->decline_code));
  add(digest, (uint64_t)attempt->reason << 32 | (uint64_t)attempt->reply.outcome << 16 |
                  (uint64_t)attempt->reply.status);
  add(digest, sim_text_hash(attempt->reply.intent_id));
  add(digest, sim_text_hash(attempt->reply.code));
  add(digest, sim_text_hash(attempt->reply.decline_code));
}

static void add_job(struct digest *digest, const struct sim_task *task) {
  switch ((enum sim_job)task->job) {
    case SIM_JOB_SPEND: {
      const struct reload_spend *spend = &task->as.spend;
      add(digest, (uint64_t)spend->progress << 32 | (uint64_t)spend->step);
      add(digest, (uint64_t)spend->wake_at_ms);
      add(digest, (uint64_t)spend->wait_until_ms);
      add_attempt(digest, &spend->attempt);
      return;
    }
    case SIM_JOB_RECOVERY:
      add(digest, (uint64_t)task->as.recovery.step);
      add_attempt(digest, &task->as.recovery.attempt);
      return;
    case SIM_JOB_DELIVERY:
      add(digest, (uint64_t)task->as.delivery.step << 32 | (uint64_t)task->as.delivery.outcome);
      add(digest, sim_text_hash(task->as.delivery.mail.message_id));
      return;
    case SIM_JOB_POSTING:
      add(digest, (uint64_t)task->as.posting.skipped << 32 | (uint64_t)task->as.posting.again);
      return;
    case SIM_JOB_NONE:
    case SIM_JOB_SLEEP: return;
  }
}

static XXH128_hash_t hash_task(const struct sim_task *task) {
  struct digest digest = {.size = 0};
  add(&digest, (uint64_t)task->stirred << 48 | (uint64_t)task->state << 32 | (uint64_t)task->step);
  add(&digest, (uint64_t)task->ready_at_ms);
  add(&digest, (uint64_t)task->job << 32 | (uint64_t)task->answer_count);
  if (task->answer_count) add(&digest, XXH3_64bits(task->answers, (size_t)task->answer_count));
  add_job(&digest, task);
  return XXH3_128bits(digest.words, digest.size * sizeof digest.words[0]);
}

/* The hashes of a world's parts, in this order. */
enum part { CARD, MAIL = 2, BOOKS = 4, GHOST = 6, LAYOUT, CLOCK, FLAGS, WAKES, TASKS = WAKES + 2 };

struct parts {
  size_t count;
  uint64_t words[TASKS + 2 * (SIM_MAX_ACTORS + 1)];
};

static void hash_parts(const struct sim_world *world, const struct sim_case *the_case,
                       struct parts *parts) {
  fake_card_hash(&world->card, &parts->words[CARD]);
  fake_mail_hash(&world->mail, &parts->words[MAIL]);
  sim_books_hash(&world->books, the_case->client_count, &parts->words[BOOKS]);
  parts->words[GHOST] = world->ghost;
  parts->words[LAYOUT] = world->layout;
  parts->words[CLOCK] = (uint64_t)world->clock.now_ms;
  parts->words[FLAGS] = (uint64_t)world->injected << 56 | (uint64_t)world->faults_shown << 48 |
                        (uint64_t)world->first_shown << 32 | (uint64_t)world->strains << 24 |
                        (uint64_t)world->rounds << 2 | (uint64_t)world->settling << 1 |
                        (uint64_t)world->settled;
  parts->words[WAKES] = (uint64_t)world->recover_at_ms;
  parts->words[WAKES + 1] = (uint64_t)world->deliver_at_ms;
  parts->count = TASKS;
  for (int i = 0; i <= the_case->actor_count; i++) {
    int task = i < the_case->actor_count ? i : SIM_BACKGROUND;
    XXH128_hash_t hash = hash_task(&world->tasks[task]);
    parts->words[parts->count++] = hash.low64;
    parts->words[parts->count++] = hash.high64;
  }
}

struct sim_hash sim_world_hash(const struct sim_world *world, const struct sim_case *the_case) {
  struct parts parts;
  hash_parts(world, the_case, &parts);
  XXH128_hash_t all = XXH3_128bits(parts.words, parts.count * sizeof parts.words[0]);
  return (struct sim_hash){.low = all.low64, .high = all.high64};
}

const char *sim_world_difference(const struct sim_world *a, const struct sim_world *b,
                                 const struct sim_case *the_case) {
  struct parts x, y;
  size_t at = 0;
  hash_parts(a, the_case, &x);
  hash_parts(b, the_case, &y);
  while (at < x.count && x.words[at] == y.words[at]) at++;
  if (at == x.count) return NULL;
  if (at < MAIL) return "the gateway's records";
  if (at < BOOKS) return "the mailbox";
  if (at < GHOST) return "the books";
  if (at == GHOST) return "what a dead or failed transaction has left in the log";
  if (at == LAYOUT) return "where pages lie on the disk";
  if (at == CLOCK) return "the time";
  if (at == FLAGS) return "the faults that were shown";
  return at < TASKS ? "when the engine wants its jobs run again"
                    : "what the actors were told or go on with";
}
