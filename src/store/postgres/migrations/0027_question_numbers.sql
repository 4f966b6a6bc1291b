-- A question has a number, counted over all feeds: pages print it, and a person types it. What was asked before is counted in
-- the order in which it was asked.
ALTER TABLE hold ADD COLUMN number BIGINT;
UPDATE hold SET number = counted.number FROM (
    SELECT feed, key, code, subject, first_run,
        ROW_NUMBER() OVER (ORDER BY first_run, feed, key, code, subject) AS number FROM hold) AS counted
WHERE hold.feed = counted.feed AND hold.key = counted.key AND hold.code = counted.code
    AND hold.subject = counted.subject AND hold.first_run = counted.first_run;

-- The board says of each run that needs somebody what it came of.
CREATE INDEX fault_of_run ON fault (run, id) WHERE run IS NOT NULL;
