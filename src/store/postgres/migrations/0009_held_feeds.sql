-- Feeds that a person keeps from being run. Who did, when and why stands with the act.
CREATE TABLE held_feed (
    feed TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    act  BIGINT NOT NULL REFERENCES act (id)
);
