-- By which mapping an input was read: a keyed digest of the mapping as it is compiled, and of how this version reads. An
-- input without a row was read by 0.1.0, and by which mapping is not known.
CREATE TABLE reading (
    input   BIGINT NOT NULL PRIMARY KEY REFERENCES input (id),
    mapping BLOB NOT NULL
);
-- A feed that failed before it had a run, by the date it was to run for; the newest of several tries. It is history once
-- a later run of the feed was opened.
CREATE TABLE missed (
    feed            TEXT NOT NULL,
    business_date   TEXT NOT NULL,
    tried_at        TEXT NOT NULL,
    tries           BIGINT NOT NULL CHECK (tries > 0),
    census_input    BIGINT REFERENCES input (id),     -- refused, where it was
    elections_input BIGINT REFERENCES input (id),
    code            TEXT NOT NULL,
    class           TEXT CHECK (class IN ('ours', 'theirs', 'integrity')),
    severity        TEXT NOT NULL,
    place           TEXT NOT NULL,
    place_kind      TEXT,
    place_parts     TEXT,                             -- a JSON object
    rule            TEXT NOT NULL,
    facts           TEXT,                             -- a JSON array of objects
    next            TEXT NOT NULL,
    PRIMARY KEY (feed, business_date)
);
