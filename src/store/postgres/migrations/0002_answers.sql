-- An answer to what was never sent, and one that says otherwise than an earlier one, are kept for a person. They name the
-- delivery they answer. A state that a table's CHECK does not list is added by copying the table.
CREATE TABLE answers (
    id          BIGINT NOT NULL PRIMARY KEY,
    carrier     TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,                   -- name of the remote file, safe characters only
    bytes       BIGINT NOT NULL,
    content     BYTEA NOT NULL,                   -- keyed digest of the bytes
    archive     TEXT COLLATE "C" NOT NULL,
    received_at TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('applied', 'unmatched', 'quarantined', 'premature', 'contradicting')),
    delivery    BIGINT REFERENCES delivery (id), -- which somebody has to look at
    UNIQUE (carrier, content),
    CHECK ((state IN ('premature', 'contradicting')) = (delivery IS NOT NULL))
);
INSERT INTO answers (id, carrier, name, bytes, content, archive, received_at, state)
    SELECT id, carrier, name, bytes, content, archive, received_at, state FROM acknowledgement;
DROP TABLE acknowledgement;
ALTER TABLE answers RENAME TO acknowledgement;
CREATE INDEX acknowledgement_of_delivery ON acknowledgement (delivery) WHERE delivery IS NOT NULL;
