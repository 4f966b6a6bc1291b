-- What is kept for how long, and what was told otherwise than by a feed.

-- Orders to keep: while one stands, nothing that it speaks of is destroyed, however old.
CREATE TABLE legal_hold (
    id       BIGINT NOT NULL PRIMARY KEY,
    employer TEXT COLLATE "C" NOT NULL,                      -- empty: everything
    since    TEXT COLLATE "C" NOT NULL,                      -- RFC 3339, UTC
    act      BIGINT NOT NULL REFERENCES act (id), -- by whom, and for which case
    lifted   BIGINT REFERENCES act (id)          -- none while it stands
);

-- Files that were destroyed when their time was over.
CREATE TABLE destroyed (
    name     TEXT COLLATE "C" NOT NULL PRIMARY KEY,          -- file below state/archive or state/outbox
    class    TEXT COLLATE "C" NOT NULL CHECK (class IN ('inputs', 'answers', 'deliveries')),
    at       TEXT COLLATE "C" NOT NULL,                      -- RFC 3339, UTC
    shredded BIGINT NOT NULL CHECK (shredded IN (0, 1)), -- its key is gone: no copy opens
    act      BIGINT NOT NULL REFERENCES act (id)
);

-- Disclosures that no feed makes, as somebody asks for them and somebody else approves.
CREATE TABLE told_otherwise (
    id       BIGINT NOT NULL PRIMARY KEY,
    purpose  TEXT COLLATE "C" NOT NULL CHECK (purpose IN ('individual-direction', 'subpoena', 'administrative-action', 'threat')),
    family   BYTEA NOT NULL,                      -- pseudonym
    sealed   BYTEA NOT NULL,                      -- to whom, what, in which case
    asked_at TEXT COLLATE "C" NOT NULL,                      -- RFC 3339, UTC
    asked_by TEXT COLLATE "C" NOT NULL,
    act      BIGINT NOT NULL REFERENCES act (id), -- why
    told_at  TEXT COLLATE "C",                               -- none until somebody has approved it
    told_by  TEXT COLLATE "C",
    approval BIGINT REFERENCES act (id),
    CHECK ((told_at IS NULL) = (approval IS NULL) AND (told_at IS NULL) = (told_by IS NULL))
);
CREATE INDEX told_otherwise_of ON told_otherwise (family, id);
-- What is written once stays what it was.
CREATE TRIGGER destroyed_is_not_updated BEFORE UPDATE ON destroyed FOR EACH ROW EXECUTE FUNCTION refused();
CREATE TRIGGER legal_hold_is_not_deleted BEFORE DELETE ON legal_hold FOR EACH ROW EXECUTE FUNCTION refused();
CREATE TRIGGER destroyed_is_not_deleted BEFORE DELETE ON destroyed FOR EACH ROW EXECUTE FUNCTION refused();
CREATE TRIGGER told_otherwise_is_not_deleted BEFORE DELETE ON told_otherwise FOR EACH ROW EXECUTE FUNCTION refused();

-- What is written is named for the log, whoever writes it.
CREATE TRIGGER legal_hold_is_traced_new AFTER INSERT ON legal_hold FOR EACH ROW
EXECUTE FUNCTION traced('id', 'lifted');
CREATE TRIGGER legal_hold_is_traced_changed AFTER UPDATE ON legal_hold FOR EACH ROW
EXECUTE FUNCTION traced('id', 'lifted');
CREATE TRIGGER legal_hold_is_traced_gone AFTER DELETE ON legal_hold FOR EACH ROW
EXECUTE FUNCTION traced('id', 'lifted');
CREATE TRIGGER destroyed_is_traced_new AFTER INSERT ON destroyed FOR EACH ROW
EXECUTE FUNCTION traced('name', '');
CREATE TRIGGER destroyed_is_traced_changed AFTER UPDATE ON destroyed FOR EACH ROW
EXECUTE FUNCTION traced('name', '');
CREATE TRIGGER destroyed_is_traced_gone AFTER DELETE ON destroyed FOR EACH ROW
EXECUTE FUNCTION traced('name', '');
CREATE TRIGGER told_otherwise_is_traced_new AFTER INSERT ON told_otherwise FOR EACH ROW
EXECUTE FUNCTION traced('id', 'approval');
CREATE TRIGGER told_otherwise_is_traced_changed AFTER UPDATE ON told_otherwise FOR EACH ROW
EXECUTE FUNCTION traced('id', 'approval');
CREATE TRIGGER told_otherwise_is_traced_gone AFTER DELETE ON told_otherwise FOR EACH ROW
EXECUTE FUNCTION traced('id', 'approval');
