-- The tables of transitions, held by the database too: what a row may become depends on what it is, which no CHECK can
-- see. Made from the tables in src/state by src/store/triggers.rs; a test compares the two.

CREATE TRIGGER input_begins BEFORE INSERT ON input FOR EACH ROW
WHEN (NEW.state NOT IN ('archived'))
EXECUTE FUNCTION refused();
CREATE TRIGGER input_goes_over BEFORE UPDATE ON input FOR EACH ROW
WHEN (NEW.state <> OLD.state
  AND NOT (OLD.state = 'archived' AND NEW.state IN ('applied', 'quarantined')))
EXECUTE FUNCTION refused();

CREATE TRIGGER run_begins BEFORE INSERT ON run FOR EACH ROW
WHEN (NEW.state NOT IN ('open'))
EXECUTE FUNCTION refused();
CREATE TRIGGER run_goes_over BEFORE UPDATE ON run FOR EACH ROW
WHEN (NEW.state <> OLD.state
  AND NOT (OLD.state = 'open' AND NEW.state IN ('held', 'failed', 'uncertain', 'done', 'void'))
  AND NOT (OLD.state = 'held' AND NEW.state IN ('open', 'done', 'void'))
  AND NOT (OLD.state = 'failed' AND NEW.state IN ('open', 'held', 'done', 'void'))
  AND NOT (OLD.state = 'uncertain' AND NEW.state IN ('held', 'done')))
EXECUTE FUNCTION refused();

CREATE TRIGGER delivery_begins BEFORE INSERT ON delivery FOR EACH ROW
WHEN (NEW.state NOT IN ('numbered'))
EXECUTE FUNCTION refused();
CREATE TRIGGER delivery_goes_over BEFORE UPDATE ON delivery FOR EACH ROW
WHEN (NEW.state <> OLD.state
  AND NOT (OLD.state = 'numbered' AND NEW.state IN ('sealed', 'void'))
  AND NOT (OLD.state = 'sealed' AND NEW.state IN ('sending', 'void'))
  AND NOT (OLD.state = 'sending' AND NEW.state IN ('sealed', 'delivered', 'assumed', 'uncertain', 'held', 'void'))
  AND NOT (OLD.state = 'delivered' AND NEW.state IN ('accepted', 'assumed', 'rejected'))
  AND NOT (OLD.state = 'assumed' AND NEW.state IN ('accepted', 'rejected'))
  AND NOT (OLD.state = 'uncertain' AND NEW.state IN ('delivered', 'assumed', 'held'))
  AND NOT (OLD.state = 'held' AND NEW.state IN ('sealed', 'sending', 'delivered', 'assumed', 'uncertain', 'void')))
EXECUTE FUNCTION refused();

CREATE TRIGGER attempt_begins BEFORE INSERT ON attempt FOR EACH ROW
WHEN (NEW.state NOT IN ('intent'))
EXECUTE FUNCTION refused();
CREATE TRIGGER attempt_goes_over BEFORE UPDATE ON attempt FOR EACH ROW
WHEN (NEW.state <> OLD.state
  AND NOT (OLD.state = 'intent' AND NEW.state IN ('verified', 'delivered', 'failed'))
  AND NOT (OLD.state = 'verified' AND NEW.state IN ('publishing', 'delivered', 'failed'))
  AND NOT (OLD.state = 'publishing' AND NEW.state IN ('delivered')))
EXECUTE FUNCTION refused();

CREATE TRIGGER ledger_begins BEFORE INSERT ON ledger FOR EACH ROW
WHEN (NEW.state NOT IN ('staged'))
EXECUTE FUNCTION refused();
CREATE TRIGGER ledger_goes_over BEFORE UPDATE ON ledger FOR EACH ROW
WHEN (NEW.state <> OLD.state
  AND NOT (OLD.state = 'staged' AND NEW.state IN ('told', 'void'))
  AND NOT (OLD.state = 'told' AND NEW.state IN ('void')))
EXECUTE FUNCTION refused();

CREATE TRIGGER acknowledgement_begins BEFORE INSERT ON acknowledgement FOR EACH ROW
WHEN (NEW.state NOT IN ('applied', 'unmatched', 'quarantined', 'premature', 'contradicting'))
EXECUTE FUNCTION refused();
CREATE TRIGGER acknowledgement_goes_over BEFORE UPDATE ON acknowledgement FOR EACH ROW
WHEN (NEW.state <> OLD.state)
EXECUTE FUNCTION refused();

CREATE TRIGGER hold_begins BEFORE INSERT ON hold FOR EACH ROW
WHEN (NEW.state NOT IN ('open'))
EXECUTE FUNCTION refused();
CREATE TRIGGER hold_goes_over BEFORE UPDATE ON hold FOR EACH ROW
WHEN (NEW.state <> OLD.state
  AND NOT (OLD.state = 'open' AND NEW.state IN ('closed')))
EXECUTE FUNCTION refused();

-- What was never published cannot be delivered or answered for.
CREATE FUNCTION delivery_was_published() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF NEW.state IN ('delivered', 'accepted', 'assumed', 'rejected')
  AND OLD.state NOT IN ('delivered', 'accepted', 'assumed', 'rejected')
  AND NOT EXISTS (SELECT 1 FROM attempt WHERE delivery = NEW.id AND state IN ('publishing', 'delivered')) THEN
  RAISE EXCEPTION USING ERRCODE = 'XBEX0', MESSAGE = 'not permitted';
END IF;
RETURN NEW;
END $$;
CREATE TRIGGER delivery_was_published BEFORE UPDATE ON delivery FOR EACH ROW
EXECUTE FUNCTION delivery_was_published();
