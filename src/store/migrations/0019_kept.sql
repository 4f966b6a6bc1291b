-- What is kept for how long, and what was told otherwise than by a feed.

-- Orders to keep: while one stands, nothing that it speaks of is destroyed, however old.
CREATE TABLE legal_hold (
    id       BIGINT NOT NULL PRIMARY KEY,
    employer TEXT NOT NULL,                      -- empty: everything
    since    TEXT NOT NULL,                      -- RFC 3339, UTC
    act      BIGINT NOT NULL REFERENCES act (id), -- by whom, and for which case
    lifted   BIGINT REFERENCES act (id)          -- none while it stands
);

-- Files that were destroyed when their time was over.
CREATE TABLE destroyed (
    name     TEXT NOT NULL PRIMARY KEY,          -- file below state/archive or state/outbox
    class    TEXT NOT NULL CHECK (class IN ('inputs', 'answers', 'deliveries')),
    at       TEXT NOT NULL,                      -- RFC 3339, UTC
    shredded BIGINT NOT NULL CHECK (shredded IN (0, 1)), -- its key is gone: no copy opens
    act      BIGINT NOT NULL REFERENCES act (id)
);

-- Disclosures that no feed makes, as somebody asks for them and somebody else approves.
CREATE TABLE told_otherwise (
    id       BIGINT NOT NULL PRIMARY KEY,
    purpose  TEXT NOT NULL CHECK (purpose IN ('individual-direction', 'subpoena', 'administrative-action', 'threat')),
    family   BLOB NOT NULL,                      -- pseudonym
    sealed   BLOB NOT NULL,                      -- to whom, what, in which case
    asked_at TEXT NOT NULL,                      -- RFC 3339, UTC
    asked_by TEXT NOT NULL,
    act      BIGINT NOT NULL REFERENCES act (id), -- why
    told_at  TEXT,                               -- none until somebody has approved it
    told_by  TEXT,
    approval BIGINT REFERENCES act (id),
    CHECK ((told_at IS NULL) = (approval IS NULL) AND (told_at IS NULL) = (told_by IS NULL))
);
CREATE INDEX told_otherwise_of ON told_otherwise (family, id);
-- What is written once stays what it was.
CREATE TRIGGER destroyed_is_not_updated BEFORE UPDATE ON destroyed BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER legal_hold_is_not_deleted BEFORE DELETE ON legal_hold BEGIN SELECT RAISE(ABORT, 'not deleted'); END;
CREATE TRIGGER destroyed_is_not_deleted BEFORE DELETE ON destroyed BEGIN SELECT RAISE(ABORT, 'not deleted'); END;
CREATE TRIGGER told_otherwise_is_not_deleted BEFORE DELETE ON told_otherwise BEGIN SELECT RAISE(ABORT, 'not deleted'); END;

-- What is written is named for the log, whoever writes it.
CREATE TRIGGER legal_hold_is_traced_new AFTER INSERT ON legal_hold
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('legal_hold', NEW.id, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER legal_hold_is_traced_changed AFTER UPDATE ON legal_hold
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('legal_hold', NEW.id, OLD.lifted)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER legal_hold_is_traced_gone AFTER DELETE ON legal_hold
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('legal_hold', OLD.id, OLD.lifted)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER destroyed_is_traced_new AFTER INSERT ON destroyed
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('destroyed', NEW.name, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER destroyed_is_traced_changed AFTER UPDATE ON destroyed
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('destroyed', NEW.name, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER destroyed_is_traced_gone AFTER DELETE ON destroyed
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('destroyed', OLD.name, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER told_otherwise_is_traced_new AFTER INSERT ON told_otherwise
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('told_otherwise', NEW.id, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER told_otherwise_is_traced_changed AFTER UPDATE ON told_otherwise
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('told_otherwise', NEW.id, OLD.approval)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER told_otherwise_is_traced_gone AFTER DELETE ON told_otherwise
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('told_otherwise', OLD.id, OLD.approval)
  ON CONFLICT DO NOTHING; END;
