-- The portable subset only: TEXT dates in ISO form, BIGINT numbers, BLOB bytes, partial unique indexes.
-- Nothing in the clear here is personal: families are pseudonyms, records are sealed, digests are keyed.

-- What a trigger does that refuses.
CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION USING ERRCODE = 'XBEX0', MESSAGE = 'not permitted';
END $$;

-- Facts about the store itself.
CREATE TABLE site (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);

-- Numbers that may not have gaps: ids, and control numbers by trading partner.
CREATE TABLE counter (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    next BIGINT NOT NULL CHECK (next > 0)
);

-- A file that was taken in.
CREATE TABLE input (
    id            BIGINT NOT NULL PRIMARY KEY,
    source        TEXT COLLATE "C" NOT NULL,                 -- census/<source> or elections/<source>
    business_date TEXT COLLATE "C" NOT NULL,
    received_at   TEXT COLLATE "C" NOT NULL,
    archive       TEXT COLLATE "C" NOT NULL UNIQUE,          -- file below state/archive
    bytes         BIGINT NOT NULL CHECK (bytes >= 0),
    content       BYTEA NOT NULL,                 -- keyed digest of the bytes
    state         TEXT COLLATE "C" NOT NULL CHECK (state IN ('archived', 'applied', 'quarantined')),
    settled_at    TEXT COLLATE "C",
    families      BIGINT,
    changed       BIGINT,
    faults        BIGINT,
    CHECK ((state = 'archived') = (settled_at IS NULL))
);
CREATE INDEX input_of_source ON input (source, id);

-- A family as a source tells of it: versions from one input until another.
CREATE TABLE family (
    source      TEXT COLLATE "C" NOT NULL,
    key         BYTEA NOT NULL,
    from_input  BIGINT NOT NULL REFERENCES input (id),
    until_input BIGINT REFERENCES input (id),
    line        BIGINT NOT NULL CHECK (line > 0), -- of its first row in from_input
    digest      BYTEA NOT NULL,
    incomplete  BIGINT NOT NULL CHECK (incomplete IN (0, 1)),
    sealed      BYTEA NOT NULL,
    PRIMARY KEY (source, key, from_input),
    CHECK (until_input IS NULL OR until_input > from_input)
);
CREATE UNIQUE INDEX family_current ON family (source, key) WHERE until_input IS NULL;

-- One execution of a feed.
CREATE TABLE run (
    id              BIGINT NOT NULL PRIMARY KEY,
    feed            TEXT COLLATE "C" NOT NULL,
    business_date   TEXT COLLATE "C" NOT NULL,
    seq             BIGINT NOT NULL CHECK (seq > 0),
    census_input    BIGINT NOT NULL REFERENCES input (id),
    elections_input BIGINT NOT NULL REFERENCES input (id),
    opened_at       TEXT COLLATE "C" NOT NULL,
    closed_at       TEXT COLLATE "C",
    state           TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'held', 'failed', 'uncertain', 'done', 'void')),
    released        TEXT COLLATE "C",                        -- the reason a person gave to let a held run go
    taken_back      BIGINT NOT NULL DEFAULT 0 CHECK (taken_back IN (0, 1)), -- something told was taken back since it was planned
    known           BIGINT NOT NULL DEFAULT 0,
    adds            BIGINT NOT NULL DEFAULT 0,
    changes         BIGINT NOT NULL DEFAULT 0,
    terminations    BIGINT NOT NULL DEFAULT 0,
    reinstatements  BIGINT NOT NULL DEFAULT 0,
    corrections     BIGINT NOT NULL DEFAULT 0,
    holds           BIGINT NOT NULL DEFAULT 0,
    unchanged       BIGINT NOT NULL DEFAULT 0,
    waiting         BIGINT NOT NULL DEFAULT 0,
    UNIQUE (feed, business_date, seq),
    CHECK ((state IN ('done', 'void')) = (closed_at IS NOT NULL))
);
CREATE UNIQUE INDEX run_unfinished ON run (feed) WHERE state NOT IN ('done', 'void');

-- One sealed file's way to its carrier. Numbers, times and names are fixed when the row is written.
CREATE TABLE delivery (
    id            BIGINT NOT NULL PRIMARY KEY,
    run           BIGINT NOT NULL UNIQUE REFERENCES run (id),
    feed          TEXT COLLATE "C" NOT NULL,
    carrier       TEXT COLLATE "C" NOT NULL,
    partner       TEXT COLLATE "C" NOT NULL,                 -- sender and receiver of the interchange
    number        BIGINT NOT NULL CHECK (number BETWEEN 1 AND 999999999),
    style         TEXT COLLATE "C" NOT NULL CHECK (style IN ('full', 'change')),
    frozen_at     TEXT COLLATE "C" NOT NULL,
    final_name    TEXT COLLATE "C" NOT NULL,
    subscribers   BIGINT NOT NULL CHECK (subscribers >= 0),
    dependents    BIGINT NOT NULL CHECK (dependents >= 0),
    state         TEXT COLLATE "C" NOT NULL CHECK (state IN
                  ('numbered', 'sealed', 'sending', 'delivered', 'accepted', 'assumed', 'rejected', 'uncertain', 'held', 'void')),
    outbox        TEXT COLLATE "C",
    sealed_sha256 BYTEA,
    sealed_bytes  BIGINT,
    plain_digest  BYTEA,                          -- keyed
    plain_bytes   BIGINT,
    recipient     TEXT COLLATE "C",                          -- fingerprint of the recipient's key
    delivered_at  TEXT COLLATE "C",
    ta1           TEXT COLLATE "C" CHECK (ta1 IN ('accepted', 'errors', 'rejected')),
    g999          TEXT COLLATE "C" CHECK (g999 IN ('accepted', 'errors', 'rejected')),
    UNIQUE (partner, number),
    UNIQUE (carrier, final_name),
    CHECK (state = 'void' OR (state = 'numbered') = (sealed_sha256 IS NULL)),
    CHECK ((state IN ('delivered', 'accepted', 'assumed', 'rejected')) = (delivered_at IS NOT NULL))
);

CREATE TABLE attempt (
    delivery  BIGINT NOT NULL REFERENCES delivery (id),
    n         BIGINT NOT NULL CHECK (n > 0),
    temp_name TEXT COLLATE "C" NOT NULL,
    state     TEXT COLLATE "C" NOT NULL CHECK (state IN ('intent', 'verified', 'publishing', 'delivered', 'failed')),
    evidence  TEXT COLLATE "C",
    opened_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (delivery, n)
);
CREATE UNIQUE INDEX attempt_publishing ON attempt (delivery) WHERE state = 'publishing';

-- What each carrier has been told of each family: versions from one delivery until another.
CREATE TABLE ledger (
    feed           TEXT COLLATE "C" NOT NULL,
    key            BYTEA NOT NULL,
    from_delivery  BIGINT NOT NULL REFERENCES delivery (id),
    until_delivery BIGINT REFERENCES delivery (id),
    state          TEXT COLLATE "C" NOT NULL CHECK (state IN ('staged', 'told', 'void')),
    covered        BIGINT NOT NULL CHECK (covered >= 0),
    sealed         BYTEA NOT NULL,                -- what the carrier knows
    change         BYTEA NOT NULL,                -- what it was told to come to know it
    PRIMARY KEY (feed, key, from_delivery),
    CHECK (until_delivery IS NULL OR until_delivery > from_delivery)
);
CREATE UNIQUE INDEX ledger_told ON ledger (feed, key) WHERE state = 'told' AND until_delivery IS NULL;
CREATE INDEX ledger_of_delivery ON ledger (from_delivery, key);

-- What each decision was made of, so that a night in which nothing changed opens nothing.
CREATE TABLE basis (
    feed      TEXT COLLATE "C" NOT NULL,
    key       BYTEA NOT NULL,
    census    BYTEA,
    elections BYTEA,
    rules     BYTEA NOT NULL,
    review_on TEXT COLLATE "C",
    PRIMARY KEY (feed, key)
);

-- Questions for a person.
CREATE TABLE hold (
    feed      TEXT COLLATE "C" NOT NULL,
    key       BYTEA NOT NULL,
    code      TEXT COLLATE "C" NOT NULL,
    subject   TEXT COLLATE "C" NOT NULL DEFAULT '',          -- the plan, where one is concerned
    first_run BIGINT NOT NULL REFERENCES run (id),
    last_run  BIGINT NOT NULL REFERENCES run (id),
    state     TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'closed')),
    PRIMARY KEY (feed, key, code, subject, first_run)
);

-- Faults of inputs and runs: code and place, never a value.
CREATE TABLE fault (
    id       BIGINT NOT NULL PRIMARY KEY,
    input    BIGINT REFERENCES input (id),
    run      BIGINT REFERENCES run (id),
    code     TEXT COLLATE "C" NOT NULL,
    severity TEXT COLLATE "C" NOT NULL,
    place    TEXT COLLATE "C" NOT NULL,
    rule     TEXT COLLATE "C" NOT NULL,
    next     TEXT COLLATE "C" NOT NULL,
    CHECK ((input IS NULL) <> (run IS NULL))
);

-- What came back.
CREATE TABLE acknowledgement (
    id          BIGINT NOT NULL PRIMARY KEY,
    carrier     TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,                   -- name of the remote file, safe characters only
    bytes       BIGINT NOT NULL,
    content     BYTEA NOT NULL,                   -- keyed digest of the bytes
    archive     TEXT COLLATE "C" NOT NULL,
    received_at TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('applied', 'unmatched', 'quarantined')),
    UNIQUE (carrier, content)
);

-- Files of the archive and the outbox from which nothing is derived: repetitions of the input before, and strays, which a
-- restored store did not know.
CREATE TABLE aside (
    name        TEXT COLLATE "C" NOT NULL PRIMARY KEY,       -- file below state/archive or state/outbox
    recorded_at TEXT COLLATE "C" NOT NULL
);

-- Leaves of the audit record. Append only.
CREATE TABLE event (
    seq  BIGINT NOT NULL PRIMARY KEY,
    leaf TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL
);
CREATE TRIGGER event_is_not_updated BEFORE UPDATE ON event FOR EACH ROW
EXECUTE FUNCTION refused();
CREATE TRIGGER event_is_not_deleted BEFORE DELETE ON event FOR EACH ROW
EXECUTE FUNCTION refused();
