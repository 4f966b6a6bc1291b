-- What people reply to questions about families. A reply holds as long as the family's records are those it was given
-- for; what is decided by it is sealed.
CREATE TABLE reply (
    feed   TEXT NOT NULL,
    key    BLOB NOT NULL,
    code   TEXT NOT NULL,
    plan   TEXT NOT NULL,                       -- empty where the question is about the family
    facts  BLOB NOT NULL,                       -- keyed digest of what the sources say of the family
    sealed BLOB NOT NULL,
    act    BIGINT NOT NULL REFERENCES act (id), -- who replied, when and why
    PRIMARY KEY (feed, key, code, plan)
);

-- Families that have come under another number than the one they were first seen under: they stay the same family.
CREATE TABLE renumbered (
    employer   TEXT NOT NULL,
    number     BLOB NOT NULL,                   -- pseudonym of the number they have now
    key        BLOB NOT NULL,                   -- the family
    from_input BIGINT NOT NULL REFERENCES input (id),
    PRIMARY KEY (employer, number)
);

-- Families of one census that have a person in common, as its newest file has it.
CREATE TABLE beside (
    source TEXT NOT NULL,
    key    BLOB NOT NULL,
    other  BLOB NOT NULL,
    PRIMARY KEY (source, key, other)
);
