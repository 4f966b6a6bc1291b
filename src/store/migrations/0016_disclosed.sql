-- Versions of what a carrier may be told, kept by their digest. Settings and whoever approved them; nothing of members.
CREATE TABLE policy (
    digest        BLOB NOT NULL PRIMARY KEY,     -- SHA-256 of the body
    carrier       TEXT NOT NULL,
    body          TEXT NOT NULL,                 -- a JSON object
    first_used_at TEXT NOT NULL
);
CREATE INDEX policy_of_carrier ON policy (carrier, first_used_at);

-- Under which version a delivery was sealed, and which elements stand in its file.
CREATE TABLE disclosed (
    delivery BIGINT NOT NULL PRIMARY KEY REFERENCES delivery (id),
    policy   BLOB NOT NULL REFERENCES policy (digest),
    paths    TEXT NOT NULL                       -- separated by blanks
);

-- An account of what was told of somebody asks each feed for its deliveries.
CREATE INDEX delivery_of_feed ON delivery (feed, id);
