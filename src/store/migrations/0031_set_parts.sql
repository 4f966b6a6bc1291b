-- Files that make a census together: each stands here from its coming on, and what has become of it.
CREATE TABLE set_part (
    archive     TEXT NOT NULL PRIMARY KEY, -- the name in the archive; names sort in the order of writing
    id          BIGINT NOT NULL UNIQUE,    -- in the order in which they came
    source      TEXT NOT NULL,
    part        TEXT NOT NULL,             -- what the mapping calls it
    day         TEXT,                      -- the day in its sender's name for it
    received_at TEXT NOT NULL,             -- RFC 3339, UTC
    bytes       BIGINT NOT NULL,           -- of the clear file
    became      TEXT NOT NULL,             -- waits, joined, replaced, overtaken or set-aside
    input       BIGINT                     -- the input that it was joined into, or that has ended its waiting
);
CREATE INDEX set_part_waits ON set_part (became, source, id);
CREATE INDEX set_part_of_input ON set_part (input);
