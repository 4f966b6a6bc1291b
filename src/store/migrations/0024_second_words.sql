-- What a person says of a file that was applied and not used, of an answer that is read once more, and whom a question was
-- put to.
DROP TRIGGER input_begins;
DROP TRIGGER input_goes_over;
CREATE TRIGGER input_begins BEFORE INSERT ON input
WHEN NEW.state NOT IN ('archived')
BEGIN SELECT RAISE(ABORT, 'no such beginning'); END;
CREATE TRIGGER input_goes_over BEFORE UPDATE ON input
WHEN NEW.state <> OLD.state
  AND NOT (OLD.state = 'archived' AND NEW.state IN ('applied', 'quarantined', 'held'))
  AND NOT (OLD.state = 'applied' AND NEW.state IN ('settled'))
  AND NOT (OLD.state = 'quarantined' AND NEW.state IN ('settled'))
  AND NOT (OLD.state = 'held' AND NEW.state IN ('settled'))
BEGIN SELECT RAISE(ABORT, 'no such transition'); END;

DROP TRIGGER acknowledgement_begins;
DROP TRIGGER acknowledgement_goes_over;
CREATE TRIGGER acknowledgement_begins BEFORE INSERT ON acknowledgement
WHEN NEW.state NOT IN ('applied', 'unmatched', 'quarantined', 'premature', 'contradicting')
BEGIN SELECT RAISE(ABORT, 'no such beginning'); END;
CREATE TRIGGER acknowledgement_goes_over BEFORE UPDATE ON acknowledgement
WHEN NEW.state <> OLD.state
  AND NOT (OLD.state = 'unmatched' AND NEW.state IN ('applied', 'premature', 'contradicting', 'settled'))
  AND NOT (OLD.state = 'quarantined' AND NEW.state IN ('applied', 'unmatched', 'premature', 'contradicting', 'settled'))
  AND NOT (OLD.state = 'premature' AND NEW.state IN ('settled'))
  AND NOT (OLD.state = 'contradicting' AND NEW.state IN ('settled'))
BEGIN SELECT RAISE(ABORT, 'no such transition'); END;

-- What an input has said may be taken back: then it ends with the input that it began with. As in step 12, only the text of
-- the CHECK is another.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'until_input > from_input', 'until_input >= from_input')
    WHERE type = 'table' AND name = 'family';
PRAGMA writable_schema = RESET;

CREATE TABLE inquiry (
    feed  TEXT NOT NULL,
    key   BLOB NOT NULL,                        -- pseudonym
    code  TEXT NOT NULL,
    plan  TEXT NOT NULL,                        -- empty where the question is about the family
    run   BIGINT NOT NULL REFERENCES run (id),  -- the run that asked the question first
    whom  TEXT NOT NULL,                        -- a role, never a name
    until TEXT NOT NULL,                        -- the last day on which the question waits for them
    act   BIGINT NOT NULL REFERENCES act (id),  -- who has asked them, when and why
    PRIMARY KEY (feed, key, code, plan)
);
-- What is written is named for the log, whoever writes it.
CREATE TRIGGER inquiry_is_traced_new AFTER INSERT ON inquiry
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('inquiry', NEW.feed || '/' || hex(NEW.key) || '/' || NEW.code || '/' || NEW.plan, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER inquiry_is_traced_changed AFTER UPDATE ON inquiry
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('inquiry', NEW.feed || '/' || hex(NEW.key) || '/' || NEW.code || '/' || NEW.plan, OLD.act)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER inquiry_is_traced_gone AFTER DELETE ON inquiry
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('inquiry', OLD.feed || '/' || hex(OLD.key) || '/' || OLD.code || '/' || OLD.plan, OLD.act)
  ON CONFLICT DO NOTHING; END;
