-- What people do to runs: say where a file is, what a carrier has decided.

-- New words in the CHECKs of tables that others refer to.
ALTER TABLE delivery DROP CONSTRAINT delivery_state_check;
ALTER TABLE delivery ADD CONSTRAINT delivery_state_check CHECK (state IN
    ('numbered', 'sealed', 'sending', 'delivered', 'accepted', 'assumed', 'rejected', 'uncertain', 'held', 'void', 'lost'));
ALTER TABLE attempt DROP CONSTRAINT attempt_state_check;
ALTER TABLE attempt ADD CONSTRAINT attempt_state_check CHECK (state IN
    ('intent', 'verified', 'publishing', 'delivered', 'failed', 'absent', 'by-hand'));

ALTER TABLE delivery ADD COLUMN settled BIGINT NOT NULL DEFAULT 0 CHECK (settled IN (0, 1)); -- a person has said what holds

CREATE TABLE settled_answers (
    id          BIGINT NOT NULL PRIMARY KEY,
    carrier     TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,                   -- name of the remote file, safe characters only
    bytes       BIGINT NOT NULL,
    content     BYTEA NOT NULL,                   -- keyed digest of the bytes
    archive     TEXT COLLATE "C" NOT NULL,
    received_at TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN
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
    at       TEXT COLLATE "C" NOT NULL,                      -- RFC 3339, UTC
    who      TEXT COLLATE "C" NOT NULL,
    act      TEXT COLLATE "C" NOT NULL,                      -- as it was typed
    feed     TEXT COLLATE "C" NOT NULL,
    run      BIGINT REFERENCES run (id),         -- none where it concerns the feed
    reason   BYTEA NOT NULL,                      -- sealed
    evidence BYTEA                                -- sealed
);
CREATE INDEX act_of_run ON act (run, id);

-- The tables of transitions that have new rows, made anew.
DROP TRIGGER run_begins ON run;
DROP TRIGGER run_goes_over ON run;
CREATE TRIGGER run_begins BEFORE INSERT ON run FOR EACH ROW
WHEN (NEW.state NOT IN ('open'))
EXECUTE FUNCTION refused();
CREATE TRIGGER run_goes_over BEFORE UPDATE ON run FOR EACH ROW
WHEN (NEW.state <> OLD.state
  AND NOT (OLD.state = 'open' AND NEW.state IN ('held', 'failed', 'uncertain', 'done', 'void'))
  AND NOT (OLD.state = 'held' AND NEW.state IN ('open', 'done', 'void'))
  AND NOT (OLD.state = 'failed' AND NEW.state IN ('open', 'held', 'done', 'void'))
  AND NOT (OLD.state = 'uncertain' AND NEW.state IN ('held', 'failed', 'done')))
EXECUTE FUNCTION refused();

DROP TRIGGER delivery_begins ON delivery;
DROP TRIGGER delivery_goes_over ON delivery;
CREATE TRIGGER delivery_begins BEFORE INSERT ON delivery FOR EACH ROW
WHEN (NEW.state NOT IN ('numbered'))
EXECUTE FUNCTION refused();
CREATE TRIGGER delivery_goes_over BEFORE UPDATE ON delivery FOR EACH ROW
WHEN (NEW.state <> OLD.state
  AND NOT (OLD.state = 'numbered' AND NEW.state IN ('sealed', 'void'))
  AND NOT (OLD.state = 'sealed' AND NEW.state IN ('sending', 'delivered', 'assumed', 'void'))
  AND NOT (OLD.state = 'sending' AND NEW.state IN ('sealed', 'delivered', 'assumed', 'uncertain', 'held', 'void'))
  AND NOT (OLD.state = 'delivered' AND NEW.state IN ('accepted', 'assumed', 'rejected', 'lost'))
  AND NOT (OLD.state = 'accepted' AND NEW.state IN ('rejected', 'lost'))
  AND NOT (OLD.state = 'assumed' AND NEW.state IN ('accepted', 'rejected', 'lost'))
  AND NOT (OLD.state = 'rejected' AND NEW.state IN ('accepted', 'lost'))
  AND NOT (OLD.state = 'uncertain' AND NEW.state IN ('sealed', 'delivered', 'assumed', 'held'))
  AND NOT (OLD.state = 'held' AND NEW.state IN ('sealed', 'sending', 'delivered', 'assumed', 'uncertain', 'void'))
  AND NOT (OLD.state = 'lost' AND NEW.state IN ('accepted', 'rejected')))
EXECUTE FUNCTION refused();

DROP TRIGGER attempt_begins ON attempt;
DROP TRIGGER attempt_goes_over ON attempt;
CREATE TRIGGER attempt_begins BEFORE INSERT ON attempt FOR EACH ROW
WHEN (NEW.state NOT IN ('intent', 'by-hand'))
EXECUTE FUNCTION refused();
CREATE TRIGGER attempt_goes_over BEFORE UPDATE ON attempt FOR EACH ROW
WHEN (NEW.state <> OLD.state
  AND NOT (OLD.state = 'intent' AND NEW.state IN ('verified', 'delivered', 'failed'))
  AND NOT (OLD.state = 'verified' AND NEW.state IN ('publishing', 'delivered', 'failed'))
  AND NOT (OLD.state = 'publishing' AND NEW.state IN ('delivered', 'absent'))
  AND NOT (OLD.state = 'absent' AND NEW.state IN ('delivered')))
EXECUTE FUNCTION refused();

DROP TRIGGER ledger_begins ON ledger;
DROP TRIGGER ledger_goes_over ON ledger;
CREATE TRIGGER ledger_begins BEFORE INSERT ON ledger FOR EACH ROW
WHEN (NEW.state NOT IN ('staged'))
EXECUTE FUNCTION refused();
CREATE TRIGGER ledger_goes_over BEFORE UPDATE ON ledger FOR EACH ROW
WHEN (NEW.state <> OLD.state
  AND NOT (OLD.state = 'staged' AND NEW.state IN ('told', 'void'))
  AND NOT (OLD.state = 'told' AND NEW.state IN ('void'))
  AND NOT (OLD.state = 'void' AND NEW.state IN ('told')))
EXECUTE FUNCTION refused();

CREATE TRIGGER acknowledgement_begins BEFORE INSERT ON acknowledgement FOR EACH ROW
WHEN (NEW.state NOT IN ('applied', 'unmatched', 'quarantined', 'premature', 'contradicting'))
EXECUTE FUNCTION refused();
CREATE TRIGGER acknowledgement_goes_over BEFORE UPDATE ON acknowledgement FOR EACH ROW
WHEN (NEW.state <> OLD.state
  AND NOT (OLD.state = 'unmatched' AND NEW.state IN ('settled'))
  AND NOT (OLD.state = 'quarantined' AND NEW.state IN ('settled'))
  AND NOT (OLD.state = 'premature' AND NEW.state IN ('settled'))
  AND NOT (OLD.state = 'contradicting' AND NEW.state IN ('settled')))
EXECUTE FUNCTION refused();

-- What was never published cannot be delivered or answered for.
DROP TRIGGER delivery_was_published ON delivery;
CREATE OR REPLACE FUNCTION delivery_was_published() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF NEW.state IN ('delivered', 'accepted', 'assumed', 'rejected')
  AND OLD.state NOT IN ('delivered', 'accepted', 'assumed', 'rejected', 'lost')
  AND NOT EXISTS (SELECT 1 FROM attempt WHERE delivery = NEW.id AND state IN ('publishing', 'delivered', 'by-hand')) THEN
  RAISE EXCEPTION USING ERRCODE = 'XBEX0', MESSAGE = 'not permitted';
END IF;
RETURN NEW;
END $$;
CREATE TRIGGER delivery_was_published BEFORE UPDATE ON delivery FOR EACH ROW
EXECUTE FUNCTION delivery_was_published();
