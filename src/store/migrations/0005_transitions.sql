-- The tables of transitions, held by the database too: what a row may become depends on what it is, which no CHECK can
-- see. Made from the tables in src/state by src/store/sqlite.rs; a test compares the two.

CREATE TRIGGER input_begins BEFORE INSERT ON input
WHEN NEW.state NOT IN ('archived')
BEGIN SELECT RAISE(ABORT, 'no such beginning'); END;
CREATE TRIGGER input_goes_over BEFORE UPDATE ON input
WHEN NEW.state <> OLD.state
  AND NOT (OLD.state = 'archived' AND NEW.state IN ('applied', 'quarantined'))
BEGIN SELECT RAISE(ABORT, 'no such transition'); END;

CREATE TRIGGER run_begins BEFORE INSERT ON run
WHEN NEW.state NOT IN ('open')
BEGIN SELECT RAISE(ABORT, 'no such beginning'); END;
CREATE TRIGGER run_goes_over BEFORE UPDATE ON run
WHEN NEW.state <> OLD.state
  AND NOT (OLD.state = 'open' AND NEW.state IN ('held', 'failed', 'uncertain', 'done', 'void'))
  AND NOT (OLD.state = 'held' AND NEW.state IN ('open', 'done', 'void'))
  AND NOT (OLD.state = 'failed' AND NEW.state IN ('open', 'held', 'done', 'void'))
  AND NOT (OLD.state = 'uncertain' AND NEW.state IN ('held', 'done'))
BEGIN SELECT RAISE(ABORT, 'no such transition'); END;

CREATE TRIGGER delivery_begins BEFORE INSERT ON delivery
WHEN NEW.state NOT IN ('numbered')
BEGIN SELECT RAISE(ABORT, 'no such beginning'); END;
CREATE TRIGGER delivery_goes_over BEFORE UPDATE ON delivery
WHEN NEW.state <> OLD.state
  AND NOT (OLD.state = 'numbered' AND NEW.state IN ('sealed', 'void'))
  AND NOT (OLD.state = 'sealed' AND NEW.state IN ('sending', 'void'))
  AND NOT (OLD.state = 'sending' AND NEW.state IN ('sealed', 'delivered', 'assumed', 'uncertain', 'held', 'void'))
  AND NOT (OLD.state = 'delivered' AND NEW.state IN ('accepted', 'assumed', 'rejected'))
  AND NOT (OLD.state = 'assumed' AND NEW.state IN ('accepted', 'rejected'))
  AND NOT (OLD.state = 'uncertain' AND NEW.state IN ('delivered', 'assumed', 'held'))
  AND NOT (OLD.state = 'held' AND NEW.state IN ('sealed', 'sending', 'delivered', 'assumed', 'uncertain', 'void'))
BEGIN SELECT RAISE(ABORT, 'no such transition'); END;

CREATE TRIGGER attempt_begins BEFORE INSERT ON attempt
WHEN NEW.state NOT IN ('intent')
BEGIN SELECT RAISE(ABORT, 'no such beginning'); END;
CREATE TRIGGER attempt_goes_over BEFORE UPDATE ON attempt
WHEN NEW.state <> OLD.state
  AND NOT (OLD.state = 'intent' AND NEW.state IN ('verified', 'delivered', 'failed'))
  AND NOT (OLD.state = 'verified' AND NEW.state IN ('publishing', 'delivered', 'failed'))
  AND NOT (OLD.state = 'publishing' AND NEW.state IN ('delivered'))
BEGIN SELECT RAISE(ABORT, 'no such transition'); END;

CREATE TRIGGER ledger_begins BEFORE INSERT ON ledger
WHEN NEW.state NOT IN ('staged')
BEGIN SELECT RAISE(ABORT, 'no such beginning'); END;
CREATE TRIGGER ledger_goes_over BEFORE UPDATE ON ledger
WHEN NEW.state <> OLD.state
  AND NOT (OLD.state = 'staged' AND NEW.state IN ('told', 'void'))
  AND NOT (OLD.state = 'told' AND NEW.state IN ('void'))
BEGIN SELECT RAISE(ABORT, 'no such transition'); END;

CREATE TRIGGER acknowledgement_begins BEFORE INSERT ON acknowledgement
WHEN NEW.state NOT IN ('applied', 'unmatched', 'quarantined', 'premature', 'contradicting')
BEGIN SELECT RAISE(ABORT, 'no such beginning'); END;
CREATE TRIGGER acknowledgement_goes_over BEFORE UPDATE ON acknowledgement
WHEN NEW.state <> OLD.state
BEGIN SELECT RAISE(ABORT, 'no such transition'); END;

CREATE TRIGGER hold_begins BEFORE INSERT ON hold
WHEN NEW.state NOT IN ('open')
BEGIN SELECT RAISE(ABORT, 'no such beginning'); END;
CREATE TRIGGER hold_goes_over BEFORE UPDATE ON hold
WHEN NEW.state <> OLD.state
  AND NOT (OLD.state = 'open' AND NEW.state IN ('closed'))
BEGIN SELECT RAISE(ABORT, 'no such transition'); END;

-- What was never published cannot be delivered or answered for.
CREATE TRIGGER delivery_was_published BEFORE UPDATE ON delivery
WHEN NEW.state IN ('delivered', 'accepted', 'assumed', 'rejected')
  AND OLD.state NOT IN ('delivered', 'accepted', 'assumed', 'rejected')
  AND NOT EXISTS (SELECT 1 FROM attempt WHERE delivery = NEW.id AND state IN ('publishing', 'delivered'))
BEGIN SELECT RAISE(ABORT, 'no publish intent'); END;
