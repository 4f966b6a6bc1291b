-- Since when a feed's slots are watched: a slot that ended before is nobody's business.
CREATE TABLE watched (
    feed  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    since TEXT COLLATE "C" NOT NULL                          -- RFC 3339, UTC
);

-- What has come of a feed on one business date. There is one row a feed and date, and so one run that was due.
CREATE TABLE slot (
    feed          TEXT COLLATE "C" NOT NULL,
    business_date TEXT COLLATE "C" NOT NULL,
    state         TEXT COLLATE "C" NOT NULL CHECK (state IN ('blocked', 'missed', 'ran', 'skipped')),
    run           BIGINT UNIQUE REFERENCES run (id),
    code          TEXT COLLATE "C",                          -- what kept it from being run, or its run from ending, the last time
    tries         BIGINT NOT NULL DEFAULT 0,     -- how often its run was taken up by a pass and did not end
    changed_at    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (feed, business_date),
    CHECK ((state = 'ran') = (run IS NOT NULL))
);

-- The table of a slot's transitions, as for everything else that has states.
CREATE TRIGGER slot_begins BEFORE INSERT ON slot FOR EACH ROW
WHEN (NEW.state NOT IN ('blocked', 'missed', 'ran', 'skipped'))
EXECUTE FUNCTION refused();
CREATE TRIGGER slot_goes_over BEFORE UPDATE ON slot FOR EACH ROW
WHEN (NEW.state <> OLD.state
  AND NOT (OLD.state = 'blocked' AND NEW.state IN ('missed', 'ran', 'skipped'))
  AND NOT (OLD.state = 'missed' AND NEW.state IN ('blocked', 'ran', 'skipped'))
  AND NOT (OLD.state = 'skipped' AND NEW.state IN ('ran')))
EXECUTE FUNCTION refused();
