-- How files came, and what a person says of those that wait for one.

-- New words in the CHECK of a table that others refer to. Copying such a table would break those references, and the
-- rows are what they were: only the text of the CHECK is another.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''applied'', ''quarantined'')', '''applied'', ''quarantined'', ''held'', ''settled'')')
    WHERE type = 'table' AND name = 'input';
PRAGMA writable_schema = RESET;

CREATE TABLE arrival (
    input    BIGINT NOT NULL PRIMARY KEY REFERENCES input (id),
    name     BLOB,                               -- what its sender called it, sealed; none where that was lost
    rows     BLOB,                               -- keyed digest of its rows, once it was read
    as_of    TEXT,                               -- the date it says it was written for
    people   BIGINT,                             -- rows of people, once it was read
    released BIGINT NOT NULL DEFAULT 0 CHECK (released IN (0, 1)) -- a person has said that it is what it should be
);

DROP TRIGGER input_begins;
DROP TRIGGER input_goes_over;
CREATE TRIGGER input_begins BEFORE INSERT ON input
WHEN NEW.state NOT IN ('archived')
BEGIN SELECT RAISE(ABORT, 'no such beginning'); END;
CREATE TRIGGER input_goes_over BEFORE UPDATE ON input
WHEN NEW.state <> OLD.state
  AND NOT (OLD.state = 'archived' AND NEW.state IN ('applied', 'quarantined', 'held'))
  AND NOT (OLD.state = 'quarantined' AND NEW.state IN ('settled'))
  AND NOT (OLD.state = 'held' AND NEW.state IN ('settled'))
BEGIN SELECT RAISE(ABORT, 'no such transition'); END;
