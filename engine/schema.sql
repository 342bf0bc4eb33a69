-- The store. What a constraint can keep true, a constraint keeps true: a broken ledger cannot be
-- written, whatever the code above does. Rule ids are those of scenarios/rules.json.

CREATE TABLE store (
  store_uid TEXT NOT NULL            -- makes charge and message ids unique among stores
) STRICT;

CREATE TABLE client (
  client_id   TEXT NOT NULL PRIMARY KEY,
  owner_email TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  plan        INTEGER NOT NULL DEFAULT RELOAD_PLAN_NONE CHECK (plan BETWEEN RELOAD_PLAN_NONE AND RELOAD_PLAN_CANCELED),  -- enum reload_plan
  card_id     TEXT,                                 -- null: no card on file
  card_no     INTEGER NOT NULL DEFAULT 0,           -- counts the card's updates
  card_dead   INTEGER NOT NULL DEFAULT 0 CHECK (card_dead IN (0, 1)),   -- NOFIRE-6
  CHECK (card_id IS NOT NULL OR card_dead = 0)
) STRICT, WITHOUT ROWID;

CREATE INDEX client_card ON client (card_id) WHERE card_id IS NOT NULL;

-- Cards that failed for good, whosever they are: taking one off file and putting it back does not
-- bring it to life (NOFIRE-6).
CREATE TABLE dead_card (
  card_id  TEXT NOT NULL PRIMARY KEY,
  since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The toggle's history, which is also the outbox of its mails: a change and its mail are one row, so
-- neither can exist without the other (TOGGLE-4, MAIL-2). The last row of a client is its state; no
-- row is off (TOGGLE-1).
CREATE TABLE toggle_change (
  client_id       TEXT NOT NULL REFERENCES client,
  change_no       INTEGER NOT NULL,
  is_on           INTEGER NOT NULL CHECK (is_on IN (0, 1)),
  at_ms           INTEGER NOT NULL,
  delivered_at_ms INTEGER,                          -- null: the mail is still to be delivered
  next_try_at_ms  INTEGER NOT NULL,
  try_count       INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (client_id, change_no)
) STRICT, WITHOUT ROWID;

CREATE INDEX mail_waiting ON toggle_change (next_try_at_ms) WHERE delivered_at_ms IS NULL;

-- Attempts to charge a card. At most one of a client has no end yet (RACE-3, MONEY-6).
CREATE TABLE charge (
  charge_id     TEXT NOT NULL PRIMARY KEY,
  client_id     TEXT NOT NULL REFERENCES client,
  action_id     TEXT NOT NULL,
  action_kind   INTEGER NOT NULL,                   -- enum reload_action_kind
  cost_tokens   INTEGER NOT NULL CHECK (cost_tokens > 0),
  top_up_tokens INTEGER NOT NULL CHECK (top_up_tokens > 0),
  amount_minor  INTEGER NOT NULL CHECK (amount_minor > 0),
  currency      TEXT NOT NULL,
  card_id       TEXT NOT NULL,
  card_no       INTEGER NOT NULL,
  state         INTEGER NOT NULL CHECK (state BETWEEN RELOAD_CHARGE_CREATED AND RELOAD_CHARGE_CLOSED),         -- enum reload_charge_state
  intent_id     TEXT UNIQUE,
  decline_code  TEXT NOT NULL DEFAULT '',
  fired_at_ms   INTEGER NOT NULL,
  fired_under_change_no INTEGER NOT NULL,           -- RACE-2: the change that had it on
  recover_at_ms INTEGER,                            -- null: it has ended
  try_count     INTEGER NOT NULL DEFAULT 0,
  ended_at_ms   INTEGER,
  top_up_entry_no INTEGER,                          -- MONEY-2: captured is credited, in one commit
  FOREIGN KEY (client_id, fired_under_change_no) REFERENCES toggle_change,
  FOREIGN KEY (client_id, top_up_entry_no) REFERENCES credit_log DEFERRABLE INITIALLY DEFERRED,
  CHECK ((state = RELOAD_CHARGE_CAPTURED) = (top_up_entry_no IS NOT NULL)),
  CHECK ((state >= RELOAD_CHARGE_CAPTURED) = (ended_at_ms IS NOT NULL)),
  CHECK ((state >= RELOAD_CHARGE_CAPTURED) = (recover_at_ms IS NULL)),
  CHECK (intent_id IS NOT NULL OR state NOT IN (RELOAD_CHARGE_OPENED, RELOAD_CHARGE_CAPTURED))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX charge_pending ON charge (client_id) WHERE state < RELOAD_CHARGE_CAPTURED;
CREATE INDEX charge_due ON charge (recover_at_ms) WHERE state < RELOAD_CHARGE_CAPTURED;
CREATE INDEX charge_action ON charge (action_id);
CREATE INDEX charge_client ON charge (client_id, fired_at_ms);

-- The credit log. Each entry has the balance after it; the last entry of a client has
-- its balance (MONEY-1).
CREATE TABLE credit_log (
  client_id      TEXT NOT NULL REFERENCES client,
  entry_no       INTEGER NOT NULL,
  kind           INTEGER NOT NULL CHECK (kind BETWEEN RELOAD_ENTRY_GRANT AND RELOAD_ENTRY_REVERSAL),         -- enum reload_entry_kind
  tokens         INTEGER NOT NULL CHECK (tokens <> 0 OR kind = RELOAD_ENTRY_REVERSAL), -- less than a token may go back
  balance_tokens INTEGER NOT NULL,
  reference      TEXT NOT NULL,
  action_id      TEXT,
  action_kind    INTEGER,                           -- spends only: enum reload_action_kind
  intent_id      TEXT,
  amount_minor   INTEGER NOT NULL DEFAULT 0 CHECK (amount_minor >= 0),
  at_ms          INTEGER NOT NULL,
  PRIMARY KEY (client_id, entry_no),
  CHECK ((tokens > 0) = (kind IN (RELOAD_ENTRY_GRANT, RELOAD_ENTRY_PACK, RELOAD_ENTRY_TOP_UP)) OR (kind = RELOAD_ENTRY_REVERSAL AND tokens = 0)),
  CHECK (kind <> RELOAD_ENTRY_SPEND OR balance_tokens >= 0),         -- MONEY-1: no action makes it negative
  CHECK ((kind = RELOAD_ENTRY_SPEND) = (action_kind IS NOT NULL)),
  CHECK ((kind IN (RELOAD_ENTRY_PACK, RELOAD_ENTRY_TOP_UP, RELOAD_ENTRY_REVERSAL)) = (intent_id IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX entry_action ON credit_log (reference) WHERE kind = RELOAD_ENTRY_SPEND;               -- MONEY-3
CREATE UNIQUE INDEX entry_reference ON credit_log (client_id, kind, reference) WHERE kind < RELOAD_ENTRY_SPEND;
CREATE UNIQUE INDEX entry_purchase ON credit_log (intent_id) WHERE kind IN (RELOAD_ENTRY_PACK, RELOAD_ENTRY_TOP_UP);       -- MONEY-2
CREATE INDEX entry_intent ON credit_log (intent_id) WHERE intent_id IS NOT NULL;

CREATE TRIGGER credit_log_adds_up BEFORE INSERT ON credit_log                            -- MONEY-1
WHEN NEW.entry_no <> 1 + coalesce((SELECT max(entry_no) FROM credit_log
                                   WHERE client_id = NEW.client_id), 0)
  OR NEW.balance_tokens <> NEW.tokens + coalesce((SELECT balance_tokens FROM credit_log
                                   WHERE client_id = NEW.client_id
                                   ORDER BY entry_no DESC LIMIT 1), 0)
BEGIN SELECT raise(ABORT, 'MONEY-1: the credit log would not add up'); END;

CREATE TRIGGER credit_log_kept BEFORE UPDATE ON credit_log                               -- MONEY-4
BEGIN SELECT raise(ABORT, 'MONEY-4: the credit log is append-only'); END;
CREATE TRIGGER credit_log_stays BEFORE DELETE ON credit_log
BEGIN SELECT raise(ABORT, 'MONEY-4: the credit log is append-only'); END;

CREATE TRIGGER top_up_has_charge BEFORE INSERT ON credit_log WHEN NEW.kind = RELOAD_ENTRY_TOP_UP           -- MONEY-2
  AND NOT EXISTS (SELECT 1 FROM charge WHERE charge_id = NEW.reference AND state < RELOAD_CHARGE_CAPTURED
                  AND client_id = NEW.client_id AND intent_id = NEW.intent_id
                  AND top_up_tokens = NEW.tokens AND amount_minor = NEW.amount_minor)
BEGIN SELECT raise(ABORT, 'MONEY-2: a top-up without its charge'); END;

CREATE TRIGGER charge_needs_toggle BEFORE INSERT ON charge                               -- RACE-2
WHEN NEW.fired_under_change_no IS NOT (SELECT change_no FROM (
       SELECT change_no, is_on FROM toggle_change WHERE client_id = NEW.client_id
       ORDER BY change_no DESC LIMIT 1) WHERE is_on = 1)
BEGIN SELECT raise(ABORT, 'RACE-2: a charge while Auto Reload is off'); END;

CREATE TRIGGER charge_is_new BEFORE INSERT ON charge           -- or REPLACE would remove the old one
WHEN NEW.state <> RELOAD_CHARGE_CREATED
  OR EXISTS (SELECT 1 FROM charge WHERE charge_id = NEW.charge_id)
  OR EXISTS (SELECT 1 FROM charge WHERE client_id = NEW.client_id AND state < RELOAD_CHARGE_CAPTURED)
BEGIN SELECT raise(ABORT, 'RACE-3: a charge that is there already, or does not begin at its beginning'); END;

CREATE TRIGGER charge_end_is_final BEFORE UPDATE ON charge
WHEN OLD.state >= RELOAD_CHARGE_CAPTURED
  OR (NEW.charge_id, NEW.client_id, NEW.action_id, NEW.action_kind, NEW.cost_tokens, NEW.top_up_tokens,
      NEW.amount_minor, NEW.currency, NEW.card_id, NEW.card_no, NEW.fired_at_ms,
      NEW.fired_under_change_no) IS NOT
     (OLD.charge_id, OLD.client_id, OLD.action_id, OLD.action_kind, OLD.cost_tokens, OLD.top_up_tokens,
      OLD.amount_minor, OLD.currency, OLD.card_id, OLD.card_no, OLD.fired_at_ms,
      OLD.fired_under_change_no)
  OR (OLD.intent_id IS NOT NULL AND NEW.intent_id IS NOT OLD.intent_id)
BEGIN SELECT raise(ABORT, 'MONEY-2: what a charge was made for may not change, nor its end'); END;

CREATE TRIGGER captured_is_credited BEFORE UPDATE ON charge WHEN NEW.state = RELOAD_CHARGE_CAPTURED           -- MONEY-2
  AND NOT EXISTS (SELECT 1 FROM credit_log WHERE client_id = NEW.client_id AND kind = RELOAD_ENTRY_TOP_UP
                  AND entry_no = NEW.top_up_entry_no AND reference = NEW.charge_id)
BEGIN SELECT raise(ABORT, 'MONEY-2: captured without its top-up'); END;

CREATE TRIGGER charge_stays BEFORE DELETE ON charge
BEGIN SELECT raise(ABORT, 'MONEY-2: charges are kept'); END;

CREATE TRIGGER toggle_alternates BEFORE INSERT ON toggle_change                          -- TOGGLE-5
WHEN NEW.change_no <> 1 + coalesce((SELECT max(change_no) FROM toggle_change
                                    WHERE client_id = NEW.client_id), 0)
  OR NEW.is_on = coalesce((SELECT is_on FROM toggle_change WHERE client_id = NEW.client_id
                           ORDER BY change_no DESC LIMIT 1), 0)
BEGIN SELECT raise(ABORT, 'TOGGLE-5: a change that changes nothing'); END;
CREATE TRIGGER toggle_kept BEFORE UPDATE ON toggle_change                                -- OUT-4
WHEN (NEW.client_id, NEW.change_no, NEW.is_on, NEW.at_ms) IS NOT
     (OLD.client_id, OLD.change_no, OLD.is_on, OLD.at_ms)
  OR (OLD.delivered_at_ms IS NOT NULL AND NEW.delivered_at_ms IS NOT OLD.delivered_at_ms)
BEGIN SELECT raise(ABORT, 'OUT-4: toggle changes and their delivery are kept'); END;
CREATE TRIGGER toggle_stays BEFORE DELETE ON toggle_change
BEGIN SELECT raise(ABORT, 'OUT-4: toggle changes are kept'); END;
