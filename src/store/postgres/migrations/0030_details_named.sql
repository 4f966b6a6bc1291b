-- Why somebody acted stands beside a leaf that does not say so; from now on the leaf names the row, so that one that is gone
-- is missed. Rows of an earlier version are named by the first leaf of this one.
CREATE TRIGGER detail_is_traced_new AFTER INSERT ON detail FOR EACH ROW
EXECUTE FUNCTION traced('seq', '');
CREATE TRIGGER detail_is_traced_changed AFTER UPDATE ON detail FOR EACH ROW
EXECUTE FUNCTION traced('seq', '');
CREATE TRIGGER detail_is_traced_gone AFTER DELETE ON detail FOR EACH ROW
EXECUTE FUNCTION traced('seq', '');
INSERT INTO touched (tbl, key) SELECT 'detail', seq FROM detail;
