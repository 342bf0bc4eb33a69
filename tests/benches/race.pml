/* The race of SUBMITS submits and TURN_OFFS turn-offs of one client, without SQL, disk or code: the
 * protocol alone, for SPIN. The client has 5 tokens, each submit costs 10, a top-up brings 100.
 *
 *   spin -a -DSUBMITS=6 -DTURN_OFFS=3 race.pml          the bank's answer is open (one for the run)
 *   ... -DAPPROVES                                      the bank always approves
 *
 * Each atomic block is one transaction of the engine. A submit that finds no tokens opens a charge,
 * if it may and none is open; the bank answers; then the charge is closed, with the credit and the
 * submit's own debit in the same transaction. Who meets an open charge waits and then begins again.
 * A turn-off is one transaction that also leaves a mail, and the sending of that mail.
 */
#define COST 10
#define TOP_UP 100
#define GIVEN 5

mtype = { approved, declined, authentication };

bool on = true;           /* Auto Reload is */
bool card_is_good = true;
bool charge_is_open = false;
bool was_turned_off = false;
short balance = GIVEN;
short entries = 0;        /* the sum of the ledger's */
byte charges = 0;         /* ever opened */
byte captures = 0;        /* by the bank */
byte credits = 0;         /* top-ups in the ledger */
byte unsent = 0;          /* mails */
byte sent = 0;
bool served[SUBMITS];
bool ended[SUBMITS];

mtype answer;             /* the bank's, whenever it is asked */
chan to_bank = [1] of { byte };
chan from_bank = [0] of { byte, mtype };

/* What has to hold after each transaction. */
inline check() {
  assert(balance == GIVEN + entries && balance >= 0);
  assert(captures == credits);
  assert(charges <= 1)
}

inline debit(id) {
  assert(!served[id]);
  balance = balance - COST;
  entries = entries - COST;
  served[id] = true;
  ended[id] = true
}

inline credit() {
  balance = balance + TOP_UP;
  entries = entries + TOP_UP;
  captures++;
  credits++
}

proctype submit(byte id) {
  mtype heard;
decide:
  atomic {
    if
    :: balance >= COST -> debit(id); check(); goto over
    :: balance < COST && charge_is_open -> goto waiting
    :: balance < COST && !charge_is_open && on && card_is_good ->
      assert(!was_turned_off);
      charge_is_open = true;
      charges++;
      check();
      to_bank ! id
    :: else -> ended[id] = true; goto over /* refused */
    fi
  }
  from_bank ? eval(id), heard;
  atomic {
    charge_is_open = false;
    if
    :: heard == approved -> credit(); debit(id)
    :: else -> card_is_good = false; ended[id] = true
    fi;
    check()
  }
  goto over;
waiting:
  !charge_is_open;
  goto decide;
over:
  skip
}

proctype turn_off() {
  atomic { on = false; was_turned_off = true; unsent++ }
  atomic { unsent--; sent++ }
}

proctype bank() {
  byte id;
end:
  do
  :: to_bank ? id -> from_bank ! id, answer
  od
}

init {
  byte i;
  atomic {
#ifdef APPROVES
    answer = approved;
#else
    if
    :: answer = approved
    :: answer = declined
    :: answer = authentication
    fi;
#endif
    run bank();
    for (i : 0 .. SUBMITS - 1) { run submit(i) }
    for (i : 1 .. TURN_OFFS) { run turn_off() }
    i = 0
  }
  atomic {
    _nr_pr == 2 -> /* all have ended but the bank and this one */
    check();
    assert(sent == TURN_OFFS && unsent == 0 && !charge_is_open);
    for (i : 0 .. SUBMITS - 1) { assert(ended[i]) }
  }
}
