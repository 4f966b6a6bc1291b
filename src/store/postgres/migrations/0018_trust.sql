-- Emergencies: somebody took leave to act that nobody had granted, for a time, and said why.
CREATE TABLE emergency (
    id    BIGINT NOT NULL PRIMARY KEY,
    who   TEXT COLLATE "C" NOT NULL,
    since TEXT COLLATE "C" NOT NULL,                         -- RFC 3339, UTC
    until TEXT COLLATE "C" NOT NULL,
    act   BIGINT NOT NULL REFERENCES act (id)    -- why
);

-- What the configuration said when it was last looked at, setting by setting: fingerprints and names, no secrets.
CREATE TABLE setting (
    name        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value       TEXT COLLATE "C" NOT NULL,
    was         TEXT COLLATE "C" NOT NULL,                   -- what it was until then; empty for what is new
    changed_at  TEXT COLLATE "C" NOT NULL,
    changed_by  TEXT COLLATE "C" NOT NULL,                   -- the owner of the file that says so
    approved    BIGINT NOT NULL CHECK (approved IN (0, 1)),
    approved_by TEXT COLLATE "C",
    act         BIGINT REFERENCES act (id)       -- why it was approved
);

-- Days of events that somebody has signed for: each event is in one of them.
CREATE TABLE review (
    last_seq  BIGINT NOT NULL PRIMARY KEY,
    first_seq BIGINT NOT NULL UNIQUE,
    digest    BYTEA NOT NULL,                     -- SHA-256 of the leaves' hashes, in order
    at        TEXT COLLATE "C" NOT NULL,
    who       TEXT COLLATE "C" NOT NULL,
    signature TEXT COLLATE "C",                              -- of an SSH key, where the site wants one
    act       BIGINT NOT NULL REFERENCES act (id), -- what was found
    CHECK (first_seq <= last_seq)
);
CREATE TRIGGER review_is_not_updated BEFORE UPDATE ON review FOR EACH ROW
EXECUTE FUNCTION refused();
CREATE TRIGGER review_is_not_deleted BEFORE DELETE ON review FOR EACH ROW
EXECUTE FUNCTION refused();

-- What is written is named for the log, whoever writes it.
CREATE TRIGGER emergency_is_traced_new AFTER INSERT ON emergency FOR EACH ROW
EXECUTE FUNCTION traced('id', '');
CREATE TRIGGER emergency_is_traced_changed AFTER UPDATE ON emergency FOR EACH ROW
EXECUTE FUNCTION traced('id', '');
CREATE TRIGGER emergency_is_traced_gone AFTER DELETE ON emergency FOR EACH ROW
EXECUTE FUNCTION traced('id', '');
CREATE TRIGGER setting_is_traced_new AFTER INSERT ON setting FOR EACH ROW
EXECUTE FUNCTION traced('name', 'approved');
CREATE TRIGGER setting_is_traced_changed AFTER UPDATE ON setting FOR EACH ROW
EXECUTE FUNCTION traced('name', 'approved');
CREATE TRIGGER setting_is_traced_gone AFTER DELETE ON setting FOR EACH ROW
EXECUTE FUNCTION traced('name', 'approved');
CREATE TRIGGER review_is_traced_new AFTER INSERT ON review FOR EACH ROW
EXECUTE FUNCTION traced('last_seq', '');
CREATE TRIGGER review_is_traced_changed AFTER UPDATE ON review FOR EACH ROW
EXECUTE FUNCTION traced('last_seq', '');
CREATE TRIGGER review_is_traced_gone AFTER DELETE ON review FOR EACH ROW
EXECUTE FUNCTION traced('last_seq', '');
