-- Rows of a file that was read of whom nobody can be told: each may be somebody's who is not covered yet.
ALTER TABLE arrival ADD COLUMN unread BIGINT;

-- Files that repeated the one before: whose they were and when they came. A source is not silent that sends the same.
CREATE TABLE repetition (
    name   TEXT COLLATE "C" NOT NULL PRIMARY KEY,           -- file below state/archive
    source TEXT COLLATE "C" NOT NULL,
    at     TEXT COLLATE "C" NOT NULL
);

-- What an employer is asked to correct, from the file that first showed it until a later one no longer does.
CREATE TABLE correction (
    id          BIGINT NOT NULL PRIMARY KEY,
    source      TEXT COLLATE "C" NOT NULL,
    mark        BYTEA NOT NULL,                  -- keyed digest of whose row, which column and which rule
    code        TEXT COLLATE "C" NOT NULL,
    column_name TEXT COLLATE "C" NOT NULL,                  -- empty where the whole row is meant
    line        BIGINT NOT NULL,                -- in the newest file that shows it
    first_input BIGINT NOT NULL REFERENCES input (id),
    last_input  BIGINT NOT NULL REFERENCES input (id),
    opened_on   TEXT COLLATE "C" NOT NULL,                  -- business date of the first
    closed_by   BIGINT REFERENCES input (id)    -- the file that no longer shows it
);
CREATE INDEX correction_open ON correction (source, mark) WHERE closed_by IS NULL;
