-- By which rules a run decided. A digest in basis may be older than this table: then its rule set is not known.
CREATE TABLE ruleset (
    digest        BYTEA NOT NULL PRIMARY KEY,     -- keyed; basis.rules
    body          TEXT COLLATE "C" NOT NULL,                 -- the rules, serialised: settings only
    first_used_at TEXT COLLATE "C" NOT NULL
);
CREATE TABLE run_rules (
    run     BIGINT NOT NULL PRIMARY KEY REFERENCES run (id),
    ruleset BYTEA NOT NULL REFERENCES ruleset (digest)
);
