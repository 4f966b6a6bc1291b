-- Files that were sealed by whoever can open nothing, until a night takes them for inputs.
CREATE TABLE landed (
    archive       TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- the name in the archive; names sort in the order of writing
    source        TEXT COLLATE "C" NOT NULL,
    received_at   TEXT COLLATE "C" NOT NULL,             -- RFC 3339, UTC
    bytes         BIGINT NOT NULL,             -- of the clear file
    sealed_sha256 TEXT COLLATE "C" NOT NULL,             -- of the sealed file, as the log has it
    note          BYTEA NOT NULL                -- its sender's name for it and SHA-256, sealed to the archive
);
CREATE INDEX landed_of_source ON landed (source, archive);
-- What is written is named for the log, whoever writes it.
CREATE TRIGGER landed_is_traced_new AFTER INSERT ON landed FOR EACH ROW
EXECUTE FUNCTION traced('archive', '');
CREATE TRIGGER landed_is_traced_changed AFTER UPDATE ON landed FOR EACH ROW
EXECUTE FUNCTION traced('archive', '');
CREATE TRIGGER landed_is_traced_gone AFTER DELETE ON landed FOR EACH ROW
EXECUTE FUNCTION traced('archive', '');
