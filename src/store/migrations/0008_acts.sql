-- What people do to runs: say where a file is, what a carrier has decided.

-- New words in the CHECKs of tables that others refer to. Copying such a table would break those references, and the
-- rows are what they were: only the text of the CHECK is another.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''held'', ''void'')', '''held'', ''void'', ''lost'')')
    WHERE type = 'table' AND name = 'delivery';
UPDATE sqlite_schema SET sql = replace(sql, '''delivered'', ''failed'')', '''delivered'', ''failed'', ''absent'', ''by-hand'')')
    WHERE type = 'table' AND name = 'attempt';
PRAGMA writable_schema = RESET;

ALTER TABLE delivery ADD COLUMN settled BIGINT NOT NULL DEFAULT 0 CHECK (settled IN (0, 1)); -- a person has said what holds

CREATE TABLE settled_answers (
    id          BIGINT NOT NULL PRIMARY KEY,
    carrier     TEXT NOT NULL,
    name        TEXT NOT NULL,                   -- name of the remote file, safe characters only
    bytes       BIGINT NOT NULL,
    content     BLOB NOT NULL,                   -- keyed digest of the bytes
    archive     TEXT NOT NULL,
    received_at TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN
                ('applied', 'unmatched', 'quarantined', 'premature', 'contradicting', 'settled')),
    delivery    BIGINT REFERENCES delivery (id), -- which somebody has to look at
    UNIQUE (carrier, content),
    CHECK (state NOT IN ('premature', 'contradicting') OR delivery IS NOT NULL)
);
INSERT INTO settled_answers
    SELECT id, carrier, name, bytes, content, archive, received_at, state, delivery FROM acknowledgement;
DROP TABLE acknowledgement;
ALTER TABLE settled_answers RENAME TO acknowledgement;
CREATE INDEX acknowledgement_of_delivery ON acknowledgement (delivery) WHERE delivery IS NOT NULL;

-- Who did what to a run or a feed, and why.
CREATE TABLE act (
    id       BIGINT NOT NULL PRIMARY KEY,
    at       TEXT NOT NULL,                      -- RFC 3339, UTC
    who      TEXT NOT NULL,
    act      TEXT NOT NULL,                      -- as it was typed
    feed     TEXT NOT NULL,
    run      BIGINT REFERENCES run (id),         -- none where it concerns the feed
    reason   BLOB NOT NULL,                      -- sealed
    evidence BLOB                                -- sealed
);
CREATE INDEX act_of_run ON act (run, id);

-- The tables of transitions that have new rows, made anew.
DROP TRIGGER run_begins;
DROP TRIGGER run_goes_over;
CREATE TRIGGER run_begins BEFORE INSERT ON run
WHEN NEW.state NOT IN ('open')
BEGIN SELECT RAISE(ABORT, 'no such beginning'); END;
CREATE TRIGGER run_goes_over BEFORE UPDATE ON run
WHEN NEW.state <> OLD.state
  AND NOT (OLD.state = 'open' AND NEW.state IN ('held', 'failed', 'uncertain', 'done', 'void'))
  AND NOT (OLD.state = 'held' AND NEW.state IN ('open', 'done', 'void'))
  AND NOT (OLD.state = 'failed' AND NEW.state IN ('open', 'held', 'done', 'void'))
  AND NOT (OLD.state = 'uncertain' AND NEW.state IN ('held', 'failed', 'done'))
BEGIN SELECT RAISE(ABORT, 'no such transition'); END;

DROP TRIGGER delivery_begins;
DROP TRIGGER delivery_goes_over;
CREATE TRIGGER delivery_begins BEFORE INSERT ON delivery
WHEN NEW.state NOT IN ('numbered')
BEGIN SELECT RAISE(ABORT, 'no such beginning'); END;
CREATE TRIGGER delivery_goes_over BEFORE UPDATE ON delivery
WHEN NEW.state <> OLD.state
  AND NOT (OLD.state = 'numbered' AND NEW.state IN ('sealed', 'void'))
  AND NOT (OLD.state = 'sealed' AND NEW.state IN ('sending', 'delivered', 'assumed', 'void'))
  AND NOT (OLD.state = 'sending' AND NEW.state IN ('sealed', 'delivered', 'assumed', 'uncertain', 'held', 'void'))
  AND NOT (OLD.state = 'delivered' AND NEW.state IN ('accepted', 'assumed', 'rejected', 'lost'))
  AND NOT (OLD.state = 'accepted' AND NEW.state IN ('rejected', 'lost'))
  AND NOT (OLD.state = 'assumed' AND NEW.state IN ('accepted', 'rejected', 'lost'))
  AND NOT (OLD.state = 'rejected' AND NEW.state IN ('accepted', 'lost'))
  AND NOT (OLD.state = 'uncertain' AND NEW.state IN ('sealed', 'delivered', 'assumed', 'held'))
  AND NOT (OLD.state = 'held' AND NEW.state IN ('sealed', 'sending', 'delivered', 'assumed', 'uncertain', 'void'))
  AND NOT (OLD.state = 'lost' AND NEW.state IN ('accepted', 'rejected'))
BEGIN SELECT RAISE(ABORT, 'no such transition'); END;

DROP TRIGGER attempt_begins;
DROP TRIGGER attempt_goes_over;
CREATE TRIGGER attempt_begins BEFORE INSERT ON attempt
WHEN NEW.state NOT IN ('intent', 'by-hand')
BEGIN SELECT RAISE(ABORT, 'no such beginning'); END;
CREATE TRIGGER attempt_goes_over BEFORE UPDATE ON attempt
WHEN NEW.state <> OLD.state
  AND NOT (OLD.state = 'intent' AND NEW.state IN ('verified', 'delivered', 'failed'))
  AND NOT (OLD.state = 'verified' AND NEW.state IN ('publishing', 'delivered', 'failed'))
  AND NOT (OLD.state = 'publishing' AND NEW.state IN ('delivered', 'absent'))
  AND NOT (OLD.state = 'absent' AND NEW.state IN ('delivered'))
BEGIN SELECT RAISE(ABORT, 'no such transition'); END;

DROP TRIGGER ledger_begins;
DROP TRIGGER ledger_goes_over;
CREATE TRIGGER ledger_begins BEFORE INSERT ON ledger
WHEN NEW.state NOT IN ('staged')
BEGIN SELECT RAISE(ABORT, 'no such beginning'); END;
CREATE TRIGGER ledger_goes_over BEFORE UPDATE ON ledger
WHEN NEW.state <> OLD.state
  AND NOT (OLD.state = 'staged' AND NEW.state IN ('told', 'void'))
  AND NOT (OLD.state = 'told' AND NEW.state IN ('void'))
  AND NOT (OLD.state = 'void' AND NEW.state IN ('told'))
BEGIN SELECT RAISE(ABORT, 'no such transition'); END;

CREATE TRIGGER acknowledgement_begins BEFORE INSERT ON acknowledgement
WHEN NEW.state NOT IN ('applied', 'unmatched', 'quarantined', 'premature', 'contradicting')
BEGIN SELECT RAISE(ABORT, 'no such beginning'); END;
CREATE TRIGGER acknowledgement_goes_over BEFORE UPDATE ON acknowledgement
WHEN NEW.state <> OLD.state
  AND NOT (OLD.state = 'unmatched' AND NEW.state IN ('settled'))
  AND NOT (OLD.state = 'quarantined' AND NEW.state IN ('settled'))
  AND NOT (OLD.state = 'premature' AND NEW.state IN ('settled'))
  AND NOT (OLD.state = 'contradicting' AND NEW.state IN ('settled'))
BEGIN SELECT RAISE(ABORT, 'no such transition'); END;

-- What was never published cannot be delivered or answered for.
DROP TRIGGER delivery_was_published;
CREATE TRIGGER delivery_was_published BEFORE UPDATE ON delivery
WHEN NEW.state IN ('delivered', 'accepted', 'assumed', 'rejected')
  AND OLD.state NOT IN ('delivered', 'accepted', 'assumed', 'rejected', 'lost')
  AND NOT EXISTS (SELECT 1 FROM attempt WHERE delivery = NEW.id AND state IN ('publishing', 'delivered', 'by-hand'))
BEGIN SELECT RAISE(ABORT, 'no publish intent'); END;
