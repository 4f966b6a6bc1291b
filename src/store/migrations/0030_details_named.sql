-- Why somebody acted stands beside a leaf that does not say so; from now on the leaf names the row, so that one that is gone
-- is missed. Rows of an earlier version are named by the first leaf of this one.
CREATE TRIGGER detail_is_traced_new AFTER INSERT ON detail
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('detail', NEW.seq, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER detail_is_traced_changed AFTER UPDATE ON detail
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('detail', NEW.seq, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER detail_is_traced_gone AFTER DELETE ON detail
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('detail', OLD.seq, NULL)
  ON CONFLICT DO NOTHING; END;
INSERT INTO touched (tbl, key) SELECT 'detail', seq FROM detail;
