-- Families whose key was destroyed when their time was over. What the store has of them stays, and opens no more.
CREATE TABLE shredded (
    key    BLOB NOT NULL,                        -- pseudonym
    key_id BLOB NOT NULL,                        -- which of its keys: who comes again has another
    at     TEXT NOT NULL,                        -- RFC 3339, UTC
    act    BIGINT NOT NULL REFERENCES act (id),
    PRIMARY KEY (key, key_id)
);
CREATE TRIGGER shredded_is_not_updated BEFORE UPDATE ON shredded BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER shredded_is_not_deleted BEFORE DELETE ON shredded BEGIN SELECT RAISE(ABORT, 'not deleted'); END;

-- What is written is named for the log, whoever writes it.
CREATE TRIGGER shredded_is_traced_new AFTER INSERT ON shredded
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('shredded', hex(NEW.key) || '/' || hex(NEW.key_id), NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER shredded_is_traced_changed AFTER UPDATE ON shredded
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('shredded', hex(NEW.key) || '/' || hex(NEW.key_id), NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER shredded_is_traced_gone AFTER DELETE ON shredded
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('shredded', hex(OLD.key) || '/' || hex(OLD.key_id), NULL)
  ON CONFLICT DO NOTHING; END;
