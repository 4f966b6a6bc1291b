-- Acts that one person has asked for and another has to approve, until they are done or refused. Why stands with the act.
CREATE TABLE asked_act (
    act    BIGINT NOT NULL PRIMARY KEY REFERENCES act (id),
    who    TEXT COLLATE "C" NOT NULL,            -- the person, whichever account they have used
    run    BIGINT REFERENCES run (id),           -- none where it concerns no run
    wanted TEXT COLLATE "C" NOT NULL,            -- what is to be done, JSON
    people BIGINT NOT NULL                       -- how many it concerned as it was shown
);
-- What is written is named for the log, whoever writes it.
CREATE TRIGGER asked_act_is_traced_new AFTER INSERT ON asked_act FOR EACH ROW
EXECUTE FUNCTION traced('act', '');
CREATE TRIGGER asked_act_is_traced_changed AFTER UPDATE ON asked_act FOR EACH ROW
EXECUTE FUNCTION traced('act', '');
CREATE TRIGGER asked_act_is_traced_gone AFTER DELETE ON asked_act FOR EACH ROW
EXECUTE FUNCTION traced('act', '');
