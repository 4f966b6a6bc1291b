-- How files came, and what a person says of those that wait for one.

-- New words in the CHECK of a table that others refer to.
ALTER TABLE input DROP CONSTRAINT input_state_check;
ALTER TABLE input ADD CONSTRAINT input_state_check CHECK (state IN
    ('archived', 'applied', 'quarantined', 'held', 'settled'));

CREATE TABLE arrival (
    input    BIGINT NOT NULL PRIMARY KEY REFERENCES input (id),
    name     BYTEA,                              -- what its sender called it, sealed; none where that was lost
    rows     BYTEA,                              -- keyed digest of its rows, once it was read
    as_of    TEXT COLLATE "C",                   -- the date it says it was written for
    people   BIGINT,                             -- rows of people, once it was read
    released BIGINT NOT NULL DEFAULT 0 CHECK (released IN (0, 1)) -- a person has said that it is what it should be
);

DROP TRIGGER input_begins ON input;
DROP TRIGGER input_goes_over ON input;
CREATE TRIGGER input_begins BEFORE INSERT ON input FOR EACH ROW
WHEN (NEW.state NOT IN ('archived'))
EXECUTE FUNCTION refused();
CREATE TRIGGER input_goes_over BEFORE UPDATE ON input FOR EACH ROW
WHEN (NEW.state <> OLD.state
  AND NOT (OLD.state = 'archived' AND NEW.state IN ('applied', 'quarantined', 'held'))
  AND NOT (OLD.state = 'quarantined' AND NEW.state IN ('settled'))
  AND NOT (OLD.state = 'held' AND NEW.state IN ('settled')))
EXECUTE FUNCTION refused();
