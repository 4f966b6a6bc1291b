-- What a carrier knew before its feed was bex's: a delivery that is never sent, by a person's word.
ALTER TABLE delivery DROP CONSTRAINT delivery_state_check;
ALTER TABLE delivery ADD CONSTRAINT delivery_state_check CHECK (state IN
    ('numbered', 'sealed', 'sending', 'delivered', 'accepted', 'assumed', 'rejected', 'uncertain', 'held', 'void', 'lost',
     'known'));
ALTER TABLE delivery DROP CONSTRAINT delivery_style_check;
ALTER TABLE delivery ADD CONSTRAINT delivery_style_check CHECK (style IN ('full', 'change', 'baseline'));
-- No file is made of it, and none is there when it is taken back.
ALTER TABLE delivery DROP CONSTRAINT delivery_check;
ALTER TABLE delivery ADD CONSTRAINT delivery_check
    CHECK (state IN ('void', 'known', 'lost') OR (state = 'numbered') = (sealed_sha256 IS NULL));

-- The table of transitions that has new rows, made anew.
DROP TRIGGER delivery_begins ON delivery;
DROP TRIGGER delivery_goes_over ON delivery;
CREATE TRIGGER delivery_begins BEFORE INSERT ON delivery FOR EACH ROW
WHEN (NEW.state NOT IN ('numbered'))
EXECUTE FUNCTION refused();
CREATE TRIGGER delivery_goes_over BEFORE UPDATE ON delivery FOR EACH ROW
WHEN (NEW.state <> OLD.state
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
  AND NOT (OLD.state = 'lost' AND NEW.state IN ('accepted', 'rejected')))
EXECUTE FUNCTION refused();
