-- What a person says of a file that was applied and not used, of an answer that is read once more, and whom a question was
-- put to.
DROP TRIGGER input_begins ON input;
DROP TRIGGER input_goes_over ON input;
CREATE TRIGGER input_begins BEFORE INSERT ON input FOR EACH ROW
WHEN (NEW.state NOT IN ('archived'))
EXECUTE FUNCTION refused();
CREATE TRIGGER input_goes_over BEFORE UPDATE ON input FOR EACH ROW
WHEN (NEW.state <> OLD.state
  AND NOT (OLD.state = 'archived' AND NEW.state IN ('applied', 'quarantined', 'held'))
  AND NOT (OLD.state = 'applied' AND NEW.state IN ('settled'))
  AND NOT (OLD.state = 'quarantined' AND NEW.state IN ('settled'))
  AND NOT (OLD.state = 'held' AND NEW.state IN ('settled')))
EXECUTE FUNCTION refused();

DROP TRIGGER acknowledgement_begins ON acknowledgement;
DROP TRIGGER acknowledgement_goes_over ON acknowledgement;
CREATE TRIGGER acknowledgement_begins BEFORE INSERT ON acknowledgement FOR EACH ROW
WHEN (NEW.state NOT IN ('applied', 'unmatched', 'quarantined', 'premature', 'contradicting'))
EXECUTE FUNCTION refused();
CREATE TRIGGER acknowledgement_goes_over BEFORE UPDATE ON acknowledgement FOR EACH ROW
WHEN (NEW.state <> OLD.state
  AND NOT (OLD.state = 'unmatched' AND NEW.state IN ('applied', 'premature', 'contradicting', 'settled'))
  AND NOT (OLD.state = 'quarantined' AND NEW.state IN ('applied', 'unmatched', 'premature', 'contradicting', 'settled'))
  AND NOT (OLD.state = 'premature' AND NEW.state IN ('settled'))
  AND NOT (OLD.state = 'contradicting' AND NEW.state IN ('settled')))
EXECUTE FUNCTION refused();

-- What an input has said may be taken back: then it ends with the input that it began with.
ALTER TABLE family DROP CONSTRAINT family_check;
ALTER TABLE family ADD CONSTRAINT family_check CHECK (until_input IS NULL OR until_input >= from_input);

CREATE TABLE inquiry (
    feed  TEXT COLLATE "C" NOT NULL,
    key   BYTEA NOT NULL, -- pseudonym
    code  TEXT COLLATE "C" NOT NULL,
    plan  TEXT COLLATE "C" NOT NULL, -- empty where the question is about the family
    run   BIGINT NOT NULL REFERENCES run (id),  -- the run that asked the question first
    whom  TEXT COLLATE "C" NOT NULL, -- a role, never a name
    until TEXT COLLATE "C" NOT NULL, -- the last day on which the question waits for them
    act   BIGINT NOT NULL REFERENCES act (id),  -- who has asked them, when and why
    PRIMARY KEY (feed, key, code, plan)
);
-- What is written is named for the log, whoever writes it.
CREATE TRIGGER inquiry_is_traced_new AFTER INSERT ON inquiry FOR EACH ROW
EXECUTE FUNCTION traced('feed key code plan', 'act');
CREATE TRIGGER inquiry_is_traced_changed AFTER UPDATE ON inquiry FOR EACH ROW
EXECUTE FUNCTION traced('feed key code plan', 'act');
CREATE TRIGGER inquiry_is_traced_gone AFTER DELETE ON inquiry FOR EACH ROW
EXECUTE FUNCTION traced('feed key code plan', 'act');
