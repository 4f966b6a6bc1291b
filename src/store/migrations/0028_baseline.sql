-- What a carrier knew before its feed was bex's: a delivery that is never sent, by a person's word.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''void'', ''lost'')', '''void'', ''lost'', ''known'')')
    WHERE type = 'table' AND name = 'delivery';
UPDATE sqlite_schema SET sql = replace(sql, '(''full'', ''change'')', '(''full'', ''change'', ''baseline'')')
    WHERE type = 'table' AND name = 'delivery';
-- No file is made of it, and none is there when it is taken back.
UPDATE sqlite_schema SET sql = replace(sql, 'state = ''void'' OR', 'state IN (''void'', ''known'', ''lost'') OR')
    WHERE type = 'table' AND name = 'delivery';
PRAGMA writable_schema = RESET;

-- The table of transitions that has new rows, made anew.
DROP TRIGGER delivery_begins;
DROP TRIGGER delivery_goes_over;
CREATE TRIGGER delivery_begins BEFORE INSERT ON delivery
WHEN NEW.state NOT IN ('numbered')
BEGIN SELECT RAISE(ABORT, 'no such beginning'); END;
CREATE TRIGGER delivery_goes_over BEFORE UPDATE ON delivery
WHEN NEW.state <> OLD.state
  AND NOT (OLD.state = 'numbered' AND NEW.state IN ('sealed', 'known', 'void'))
  AND NOT (OLD.state = 'sealed' AND NEW.state IN ('sending', 'delivered', 'assumed', 'void'))
  AND NOT (OLD.state = 'sending' AND NEW.state IN ('sealed', 'delivered', 'assumed', 'uncertain', 'held', 'void'))
  AND NOT (OLD.state = 'delivered' AND NEW.state IN ('accepted', 'assumed', 'rejected', 'lost'))
  AND NOT (OLD.state = 'accepted' AND NEW.state IN ('rejected', 'lost'))
  AND NOT (OLD.state = 'known' AND NEW.state IN ('lost'))
  AND NOT (OLD.state = 'assumed' AND NEW.state IN ('accepted', 'rejected', 'lost'))
  AND NOT (OLD.state = 'rejected' AND NEW.state IN ('accepted', 'lost'))
  AND NOT (OLD.state = 'uncertain' AND NEW.state IN ('sealed', 'delivered', 'assumed', 'held'))
  AND NOT (OLD.state = 'held' AND NEW.state IN ('sealed', 'sending', 'delivered', 'assumed', 'uncertain', 'void'))
  AND NOT (OLD.state = 'lost' AND NEW.state IN ('accepted', 'rejected'))
BEGIN SELECT RAISE(ABORT, 'no such transition'); END;
