-- How a carrier's files were last seen in its outbox: whatever is put there under a name that was seen before is
-- read, also where it is as long as the one before.
CREATE TABLE answer_seen (
    carrier  TEXT NOT NULL,
    name     TEXT NOT NULL,
    bytes    BIGINT NOT NULL,
    modified BIGINT NOT NULL,                    -- seconds since 1970 by the carrier's clock; -1: it does not say
    PRIMARY KEY (carrier, name)
);
