#include "world.h"

#include <inttypes.h>
#include <stdio.h>
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

size_t sim_task_size(const struct sim_task *task) {
  return offsetof(struct sim_task, as) + job_size(task->job);
}

void sim_task_copy(struct sim_task *to, const struct sim_task *from) {
  memcpy(to, from, offsetof(struct sim_task, as));
  memcpy(&to->as, &from->as, job_size(from->job));
}

void sim_world_init(struct sim_world *world, int64_t start_ms) {
  memset(world, 0, offsetof(struct sim_world, mail));
  fake_clock_init(&world->clock, start_ms);
  fake_mail_init(&world->mail);
  memset(&world->ledger, 0, offsetof(struct sim_ledger, entries));
  fake_card_init(&world->card);
}

void sim_world_copy(struct sim_world *to, const struct sim_world *from,
                    const struct sim_case *the_case) {
  memcpy(to, from, offsetof(struct sim_world, tasks));
  for (int i = 0; i < the_case->actor_count; i++) sim_task_copy(&to->tasks[i], &from->tasks[i]);
  sim_task_copy(&to->tasks[SIM_BACKGROUND], &from->tasks[SIM_BACKGROUND]);
  fake_mail_copy(&to->mail, &from->mail);
  sim_ledger_copy(&to->ledger, &from->ledger, the_case->client_count);
  fake_card_copy(&to->card, &from->card);
}

/* A request is hashed field by field, as its padding may hold anything. */
struct digest {
  size_t size;
  uint64_t words[64];
};

static void digest_add(struct digest *digest, uint64_t value) {
  digest->words[digest->size++] = value;
}

static void add_attempt(struct digest *digest, const struct reload_attempt *attempt) {
  digest_add(digest, sim_text_hash(attempt->charge_id));
  digest_add(digest, sim_text_hash(attempt->intent_id));
  digest_add(digest, sim_text_hash(attempt->card_id));
  digest_add(digest, (uint64_t)attempt->amount_minor);
  digest_add(digest, sim_text_hash(attempt->decline_code));
  digest_add(digest, (uint64_t)attempt->reason << 32 | (uint64_t)attempt->reply.outcome << 16 |
                         (uint64_t)attempt->reply.status);
  digest_add(digest, sim_text_hash(attempt->reply.intent_id));
  digest_add(digest, sim_text_hash(attempt->reply.code));
  digest_add(digest, sim_text_hash(attempt->reply.decline_code));
}

static void add_job(struct digest *digest, const struct sim_task *task) {
  switch ((enum sim_job)task->job) {
    case SIM_JOB_SPEND: {
      const struct reload_spend *spend = &task->as.spend;
      digest_add(digest, (uint64_t)spend->progress << 32 | (uint64_t)spend->step);
      digest_add(digest, (uint64_t)spend->wake_at_ms);
      digest_add(digest, (uint64_t)spend->wait_until_ms);
      add_attempt(digest, &spend->attempt);
      return;
    }
    case SIM_JOB_RECOVERY:
      digest_add(digest, (uint64_t)task->as.recovery.step);
      add_attempt(digest, &task->as.recovery.attempt);
      return;
    case SIM_JOB_DELIVERY:
      digest_add(digest,
                 (uint64_t)task->as.delivery.step << 32 | (uint64_t)task->as.delivery.outcome);
      digest_add(digest, sim_text_hash(task->as.delivery.mail.message_id));
      return;
    case SIM_JOB_POSTING:
      digest_add(digest,
                 (uint64_t)task->as.posting.skipped << 32 | (uint64_t)task->as.posting.again);
      return;
    case SIM_JOB_NONE:
    case SIM_JOB_SLEEP: return;
  }
}

struct sim_hash sim_task_hash(const struct sim_task *task) {
  struct digest digest = {.size = 0};
  digest_add(&digest, (uint64_t)task->wake_pending << 48 | (uint64_t)task->state << 32 |
                          (uint64_t)task->step);
  digest_add(&digest, (uint64_t)task->ready_at_ms);
  digest_add(&digest, (uint64_t)task->job << 32 | (uint64_t)task->answer_count);
  if (task->answer_count)
    digest_add(&digest, XXH3_64bits(task->answers, (size_t)task->answer_count));
  add_job(&digest, task);
  XXH128_hash_t hash = XXH3_128bits(digest.words, digest.size * sizeof digest.words[0]);
  return (struct sim_hash){.low = hash.low64, .high = hash.high64};
}

static void add_attempt_rest(struct digest *digest, const struct reload_attempt *attempt) {
  digest_add(digest, sim_text_hash(attempt->client_id));
  digest_add(digest, sim_text_hash(attempt->action_id));
  digest_add(digest, sim_text_hash(attempt->customer_id));
  digest_add(digest, sim_text_hash(attempt->currency));
}

static void add_delivery_rest(struct digest *digest, const struct reload_delivery *delivery) {
  const struct reload_mail *mail = &delivery->mail;
  digest_add(digest, (uint64_t)delivery->progress);
  digest_add(digest, (uint64_t)delivery->wake_at_ms);
  digest_add(digest, (uint64_t)delivery->delivered_count);
  digest_add(digest, sim_text_hash(delivery->client_id));
  digest_add(digest, (uint64_t)delivery->change_no);
  digest_add(digest, sim_text_hash(mail->to));
  digest_add(digest, sim_text_hash(mail->client_id));
  digest_add(digest, (uint64_t)mail->at_ms);
  digest_add(digest, (uint64_t)mail->is_on);
  digest_add(digest, sim_text_hash(mail->subject));
  digest_add(digest, sim_text_hash(mail->body));
}

uint64_t sim_task_rest_hash(const struct sim_task *task) {
  struct digest digest = {.size = 0};
  switch ((enum sim_job)task->job) {
    case SIM_JOB_SPEND:
      digest_add(&digest, (uint64_t)task->as.spend.kind);
      digest_add(&digest, (uint64_t)task->as.spend.cost_tokens);
      add_attempt_rest(&digest, &task->as.spend.attempt);
      break;
    case SIM_JOB_RECOVERY:
      digest_add(&digest, (uint64_t)task->as.recovery.progress);
      digest_add(&digest, (uint64_t)task->as.recovery.wake_at_ms);
      digest_add(&digest, (uint64_t)task->as.recovery.resolved_count);
      add_attempt_rest(&digest, &task->as.recovery.attempt);
      break;
    case SIM_JOB_DELIVERY: add_delivery_rest(&digest, &task->as.delivery); break;
    case SIM_JOB_NONE:
    case SIM_JOB_POSTING:
    case SIM_JOB_SLEEP: return 0;
  }
  return XXH3_64bits(digest.words, digest.size * sizeof digest.words[0]);
}

struct sim_flags sim_world_flags(const struct sim_world *world) {
  struct sim_flags flags;
  memset(&flags, 0, sizeof flags); /* padding too: flags are compared as bytes */
  flags.recover_at_ms = world->recover_at_ms;
  flags.deliver_at_ms = world->deliver_at_ms;
  flags.faults_shown = world->faults_shown;
  flags.injected = world->injected;
  flags.fault_effects = world->fault_effects;
  flags.first_shown = world->first_shown;
  flags.closing = world->closing;
  flags.at_rest = world->at_rest;
  flags.rounds = world->rounds;
  return flags;
}

void sim_world_set_flags(struct sim_world *world, const struct sim_flags *flags) {
  world->recover_at_ms = flags->recover_at_ms;
  world->deliver_at_ms = flags->deliver_at_ms;
  world->faults_shown = flags->faults_shown;
  world->injected = flags->injected;
  world->fault_effects = flags->fault_effects;
  world->first_shown = flags->first_shown;
  world->closing = flags->closing;
  world->at_rest = flags->at_rest;
  world->rounds = flags->rounds;
}

void sim_world_key(const struct sim_world *world, const struct sim_case *the_case,
                   struct sim_state_key *key) {
  fake_card_hash(&world->card, key->card);
  fake_mail_hash(&world->mail, key->mail);
  sim_ledger_hash(&world->ledger, the_case->client_count, key->ledger);
  key->stale = world->stale;
  key->placement = world->placement;
  key->now_ms = world->clock.now_ms;
  key->flags = sim_world_flags(world);
  key->task_count = the_case->actor_count + 1;
  for (int i = 0; i < key->task_count; i++) {
    int task = i < the_case->actor_count ? i : SIM_BACKGROUND;
    struct sim_hash hash = sim_task_hash(&world->tasks[task]);
    key->tasks[i][0] = hash.low;
    key->tasks[i][1] = hash.high;
  }
}

static uint64_t flags_word(const struct sim_flags *flags) {
  return (uint64_t)flags->injected << 56 | (uint64_t)flags->faults_shown << 48 |
         (uint64_t)flags->first_shown << 32 | (uint64_t)flags->fault_effects << 24 |
         (uint64_t)flags->rounds << 2 | (uint64_t)flags->closing << 1 | (uint64_t)flags->at_rest;
}

struct sim_hash sim_state_key_hash(const struct sim_state_key *key) {
  uint64_t words[12 + 2 * (SIM_MAX_ACTORS + 1)] = {
      key->card[0],
      key->card[1],
      key->mail[0],
      key->mail[1],
      key->ledger[0],
      key->ledger[1],
      key->stale,
      key->placement,
      (uint64_t)key->now_ms,
      flags_word(&key->flags),
      (uint64_t)key->flags.recover_at_ms,
      (uint64_t)key->flags.deliver_at_ms,
  };
  size_t tasks = (size_t)key->task_count * sizeof key->tasks[0];
  memcpy(&words[12], key->tasks, tasks);
  XXH128_hash_t all = XXH3_128bits(words, 12 * sizeof words[0] + tasks);
  return (struct sim_hash){.low = all.low64, .high = all.high64};
}

struct sim_hash sim_world_hash(const struct sim_world *world, const struct sim_case *the_case) {
  struct sim_state_key key;
  sim_world_key(world, the_case, &key);
  return sim_state_key_hash(&key);
}

void sim_hash_text(struct sim_hash hash, char text[SIM_HASH_TEXT_SIZE]) {
  (void)snprintf(text, SIM_HASH_TEXT_SIZE, "%016" PRIx64 "%016" PRIx64, hash.high, hash.low);
}

const char *sim_state_key_difference(const struct sim_state_key *a, const struct sim_state_key *b) {
  if (memcmp(a->card, b->card, sizeof a->card) != 0) return "the gateway's records";
  if (memcmp(a->mail, b->mail, sizeof a->mail) != 0) return "the mailbox";
  if (memcmp(a->ledger, b->ledger, sizeof a->ledger) != 0) return "the ledger";
  if (a->stale != b->stale) return "stale WAL content";
  if (a->placement != b->placement) return "page placement";
  if (a->now_ms != b->now_ms) return "the time";
  if (flags_word(&a->flags) != flags_word(&b->flags)) return "the faults that have happened";
  if (a->flags.recover_at_ms != b->flags.recover_at_ms ||
      a->flags.deliver_at_ms != b->flags.deliver_at_ms)
    return "when the engine wants its jobs run";
  return memcmp(a->tasks, b->tasks, (size_t)a->task_count * sizeof a->tasks[0]) == 0
             ? NULL
             : "the tasks of the actors or of the background";
}

const char *sim_world_difference(const struct sim_world *a, const struct sim_world *b,
                                 const struct sim_case *the_case) {
  struct sim_state_key x, y;
  sim_world_key(a, the_case, &x);
  sim_world_key(b, the_case, &y);
  return sim_state_key_difference(&x, &y);
}
