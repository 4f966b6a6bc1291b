-- By which rules a run decided. A digest in basis may be older than this table: then its rule set is not known.
CREATE TABLE ruleset (
    digest        BLOB NOT NULL PRIMARY KEY,     -- keyed; basis.rules
    body          TEXT NOT NULL,                 -- the rules, serialised: settings only
    first_used_at TEXT NOT NULL
);
CREATE TABLE run_rules (
    run     BIGINT NOT NULL PRIMARY KEY REFERENCES run (id),
    ruleset BLOB NOT NULL REFERENCES ruleset (digest)
);
