-- Emergencies: somebody took leave to act that nobody had granted, for a time, and said why.
CREATE TABLE emergency (
    id    BIGINT NOT NULL PRIMARY KEY,
    who   TEXT NOT NULL,
    since TEXT NOT NULL,                         -- RFC 3339, UTC
    until TEXT NOT NULL,
    act   BIGINT NOT NULL REFERENCES act (id)    -- why
);

-- What the configuration said when it was last looked at, setting by setting: fingerprints and names, no secrets.
CREATE TABLE setting (
    name        TEXT NOT NULL PRIMARY KEY,
    value       TEXT NOT NULL,
    was         TEXT NOT NULL,                   -- what it was until then; empty for what is new
    changed_at  TEXT NOT NULL,
    changed_by  TEXT NOT NULL,                   -- the owner of the file that says so
    approved    BIGINT NOT NULL CHECK (approved IN (0, 1)),
    approved_by TEXT,
    act         BIGINT REFERENCES act (id)       -- why it was approved
);

-- Days of events that somebody has signed for: each event is in one of them.
CREATE TABLE review (
    last_seq  BIGINT NOT NULL PRIMARY KEY,
    first_seq BIGINT NOT NULL UNIQUE,
    digest    BLOB NOT NULL,                     -- SHA-256 of the leaves' hashes, in order
    at        TEXT NOT NULL,
    who       TEXT NOT NULL,
    signature TEXT,                              -- of an SSH key, where the site wants one
    act       BIGINT NOT NULL REFERENCES act (id), -- what was found
    CHECK (first_seq <= last_seq)
);
CREATE TRIGGER review_is_not_updated BEFORE UPDATE ON review BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER review_is_not_deleted BEFORE DELETE ON review BEGIN SELECT RAISE(ABORT, 'append only'); END;

-- What is written is named for the log, whoever writes it.
CREATE TRIGGER emergency_is_traced_new AFTER INSERT ON emergency
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('emergency', NEW.id, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER emergency_is_traced_changed AFTER UPDATE ON emergency
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('emergency', NEW.id, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER emergency_is_traced_gone AFTER DELETE ON emergency
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('emergency', OLD.id, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER setting_is_traced_new AFTER INSERT ON setting
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('setting', NEW.name, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER setting_is_traced_changed AFTER UPDATE ON setting
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('setting', NEW.name, OLD.approved)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER setting_is_traced_gone AFTER DELETE ON setting
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('setting', OLD.name, OLD.approved)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER review_is_traced_new AFTER INSERT ON review
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('review', NEW.last_seq, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER review_is_traced_changed AFTER UPDATE ON review
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('review', NEW.last_seq, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER review_is_traced_gone AFTER DELETE ON review
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('review', OLD.last_seq, NULL)
  ON CONFLICT DO NOTHING; END;
