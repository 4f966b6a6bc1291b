-- Families whose key was destroyed when their time was over. What the store has of them stays, and opens no more.
CREATE TABLE shredded (
    key    BYTEA NOT NULL,                       -- pseudonym
    key_id BYTEA NOT NULL,                       -- which of its keys: who comes again has another
    at     TEXT COLLATE "C" NOT NULL,            -- RFC 3339, UTC
    act    BIGINT NOT NULL REFERENCES act (id),
    PRIMARY KEY (key, key_id)
);
CREATE TRIGGER shredded_is_not_updated BEFORE UPDATE ON shredded FOR EACH ROW EXECUTE FUNCTION refused();
CREATE TRIGGER shredded_is_not_deleted BEFORE DELETE ON shredded FOR EACH ROW EXECUTE FUNCTION refused();

-- What is written is named for the log, whoever writes it.
CREATE TRIGGER shredded_is_traced_new AFTER INSERT ON shredded FOR EACH ROW
EXECUTE FUNCTION traced('key key_id', '');
CREATE TRIGGER shredded_is_traced_changed AFTER UPDATE ON shredded FOR EACH ROW
EXECUTE FUNCTION traced('key key_id', '');
CREATE TRIGGER shredded_is_traced_gone AFTER DELETE ON shredded FOR EACH ROW
EXECUTE FUNCTION traced('key key_id', '');
