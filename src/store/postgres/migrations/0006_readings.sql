-- By which mapping an input was read: a keyed digest of the mapping as it is compiled, and of how this version reads. An
-- input without a row was read by 0.1.0, and by which mapping is not known.
CREATE TABLE reading (
    input   BIGINT NOT NULL PRIMARY KEY REFERENCES input (id),
    mapping BYTEA NOT NULL
);
-- A feed that failed before it had a run, by the date it was to run for; the newest of several tries. It is history once
-- a later run of the feed was opened.
CREATE TABLE missed (
    feed            TEXT COLLATE "C" NOT NULL,
    business_date   TEXT COLLATE "C" NOT NULL,
    tried_at        TEXT COLLATE "C" NOT NULL,
    tries           BIGINT NOT NULL CHECK (tries > 0),
    census_input    BIGINT REFERENCES input (id),     -- refused, where it was
    elections_input BIGINT REFERENCES input (id),
    code            TEXT COLLATE "C" NOT NULL,
    class           TEXT COLLATE "C" CHECK (class IN ('ours', 'theirs', 'integrity')),
    severity        TEXT COLLATE "C" NOT NULL,
    place           TEXT COLLATE "C" NOT NULL,
    place_kind      TEXT COLLATE "C",
    place_parts     TEXT COLLATE "C",                             -- a JSON object
    rule            TEXT COLLATE "C" NOT NULL,
    facts           TEXT COLLATE "C",                             -- a JSON array of objects
    next            TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (feed, business_date)
);
