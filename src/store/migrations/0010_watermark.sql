-- What is decided: a feed's newest run that has families in it, up to that run's inputs. Runs of earlier versions have
-- none, so that the first night decides everybody.
ALTER TABLE run ADD COLUMN families BIGINT; -- families the feed has ever had to decide; NULL while its decisions do not count

-- Families to be decided again though nothing new is said of them: questions, those that wait for an answer, those to be
-- looked at on a date, and those of whom something was taken back.
CREATE TABLE again (
    feed    TEXT NOT NULL,
    key     BLOB NOT NULL,
    on_date TEXT NOT NULL, -- not before this date; empty for the next run
    PRIMARY KEY (feed, key)
);

CREATE INDEX family_began ON family (source, from_input);
CREATE INDEX family_ended ON family (source, until_input) WHERE until_input IS NOT NULL;

-- What each decision was made of; the versions of families themselves say it.
DROP TABLE basis;
