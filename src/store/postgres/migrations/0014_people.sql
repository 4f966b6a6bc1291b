-- What people reply to questions about families. A reply holds as long as the family's records are those it was given
-- for; what is decided by it is sealed.
CREATE TABLE reply (
    feed   TEXT COLLATE "C" NOT NULL,
    key    BYTEA NOT NULL,
    code   TEXT COLLATE "C" NOT NULL,
    plan   TEXT COLLATE "C" NOT NULL,                       -- empty where the question is about the family
    facts  BYTEA NOT NULL,                       -- keyed digest of what the sources say of the family
    sealed BYTEA NOT NULL,
    act    BIGINT NOT NULL REFERENCES act (id), -- who replied, when and why
    PRIMARY KEY (feed, key, code, plan)
);

-- Families that have come under another number than the one they were first seen under: they stay the same family.
CREATE TABLE renumbered (
    employer   TEXT COLLATE "C" NOT NULL,
    number     BYTEA NOT NULL,                   -- pseudonym of the number they have now
    key        BYTEA NOT NULL,                   -- the family
    from_input BIGINT NOT NULL REFERENCES input (id),
    PRIMARY KEY (employer, number)
);

-- Families of one census that have a person in common, as its newest file has it.
CREATE TABLE beside (
    source TEXT COLLATE "C" NOT NULL,
    key    BYTEA NOT NULL,
    other  BYTEA NOT NULL,
    PRIMARY KEY (source, key, other)
);
