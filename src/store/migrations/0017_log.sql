-- The tree over the leaves of the audit record, and what keeps leaves and rows together.

-- The tree as it stands: one row, made with the first leaf. What is missing here though there are leaves was written by an
-- earlier version; its leaves are hashed when the store is next written to, and a leaf says so.
CREATE TABLE tree (
    id       BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    size     BIGINT NOT NULL CHECK (size > 0),
    frontier BLOB NOT NULL,                      -- the roots of its whole subtrees, the largest first
    schema   BIGINT NOT NULL                     -- how many steps this database had behind it
);

-- Signed notes on the tree. Append only.
CREATE TABLE checkpoint (
    size     BIGINT NOT NULL PRIMARY KEY,
    frontier BLOB NOT NULL,
    note     TEXT NOT NULL
);

-- What may be known only to whoever has the vault's key, by the number of the leaf that it belongs to: sealed.
CREATE TABLE detail (
    seq    BIGINT NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
);

-- Rows that a change has written, until its leaf names them. Outside of a change there are none: what stands here then was
-- not written by bex.
CREATE TABLE touched (
    tbl TEXT NOT NULL,
    key TEXT NOT NULL,
    was TEXT,                                    -- its state, or its number, before
    PRIMARY KEY (tbl, key)
);

-- What is written is named here, whoever writes it.
CREATE TRIGGER input_is_traced_new AFTER INSERT ON input
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('input', NEW.id, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER input_is_traced_changed AFTER UPDATE ON input
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('input', NEW.id, OLD.state)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER input_is_traced_gone AFTER DELETE ON input
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('input', OLD.id, OLD.state)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER arrival_is_traced_new AFTER INSERT ON arrival
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('arrival', NEW.input, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER arrival_is_traced_changed AFTER UPDATE ON arrival
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('arrival', NEW.input, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER arrival_is_traced_gone AFTER DELETE ON arrival
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('arrival', OLD.input, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER reading_is_traced_new AFTER INSERT ON reading
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('reading', NEW.input, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER reading_is_traced_changed AFTER UPDATE ON reading
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('reading', NEW.input, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER reading_is_traced_gone AFTER DELETE ON reading
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('reading', OLD.input, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER renumbered_is_traced_new AFTER INSERT ON renumbered
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('renumbered', NEW.employer || '/' || hex(NEW.number), NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER renumbered_is_traced_changed AFTER UPDATE ON renumbered
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('renumbered', NEW.employer || '/' || hex(NEW.number), NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER renumbered_is_traced_gone AFTER DELETE ON renumbered
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('renumbered', OLD.employer || '/' || hex(OLD.number), NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER run_is_traced_new AFTER INSERT ON run
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('run', NEW.id, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER run_is_traced_changed AFTER UPDATE ON run
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('run', NEW.id, OLD.state)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER run_is_traced_gone AFTER DELETE ON run
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('run', OLD.id, OLD.state)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER ruleset_is_traced_new AFTER INSERT ON ruleset
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('ruleset', hex(NEW.digest), NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER ruleset_is_traced_changed AFTER UPDATE ON ruleset
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('ruleset', hex(NEW.digest), NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER ruleset_is_traced_gone AFTER DELETE ON ruleset
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('ruleset', hex(OLD.digest), NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER run_rules_is_traced_new AFTER INSERT ON run_rules
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('run_rules', NEW.run, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER run_rules_is_traced_changed AFTER UPDATE ON run_rules
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('run_rules', NEW.run, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER run_rules_is_traced_gone AFTER DELETE ON run_rules
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('run_rules', OLD.run, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER delivery_is_traced_new AFTER INSERT ON delivery
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('delivery', NEW.id, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER delivery_is_traced_changed AFTER UPDATE ON delivery
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('delivery', NEW.id, OLD.state)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER delivery_is_traced_gone AFTER DELETE ON delivery
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('delivery', OLD.id, OLD.state)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER binding_is_traced_new AFTER INSERT ON binding
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('binding', NEW.delivery, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER binding_is_traced_changed AFTER UPDATE ON binding
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('binding', NEW.delivery, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER binding_is_traced_gone AFTER DELETE ON binding
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('binding', OLD.delivery, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER policy_is_traced_new AFTER INSERT ON policy
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('policy', hex(NEW.digest), NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER policy_is_traced_changed AFTER UPDATE ON policy
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('policy', hex(NEW.digest), NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER policy_is_traced_gone AFTER DELETE ON policy
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('policy', hex(OLD.digest), NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER disclosed_is_traced_new AFTER INSERT ON disclosed
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('disclosed', NEW.delivery, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER disclosed_is_traced_changed AFTER UPDATE ON disclosed
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('disclosed', NEW.delivery, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER disclosed_is_traced_gone AFTER DELETE ON disclosed
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('disclosed', OLD.delivery, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER attempt_is_traced_new AFTER INSERT ON attempt
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('attempt', NEW.delivery || '/' || NEW.n, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER attempt_is_traced_changed AFTER UPDATE ON attempt
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('attempt', NEW.delivery || '/' || NEW.n, OLD.state)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER attempt_is_traced_gone AFTER DELETE ON attempt
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('attempt', OLD.delivery || '/' || OLD.n, OLD.state)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER acknowledgement_is_traced_new AFTER INSERT ON acknowledgement
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('acknowledgement', NEW.id, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER acknowledgement_is_traced_changed AFTER UPDATE ON acknowledgement
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('acknowledgement', NEW.id, OLD.state)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER acknowledgement_is_traced_gone AFTER DELETE ON acknowledgement
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('acknowledgement', OLD.id, OLD.state)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER answered_is_traced_new AFTER INSERT ON answered
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('answered', NEW.delivery || '/' || NEW.acknowledgement, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER answered_is_traced_changed AFTER UPDATE ON answered
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('answered', NEW.delivery || '/' || NEW.acknowledgement, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER answered_is_traced_gone AFTER DELETE ON answered
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('answered', OLD.delivery || '/' || OLD.acknowledgement, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER counter_is_traced_new AFTER INSERT ON counter
WHEN NEW.name <> 'event'
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('counter', NEW.name, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER counter_is_traced_changed AFTER UPDATE ON counter
WHEN NEW.name <> 'event'
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('counter', NEW.name, OLD.next)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER counter_is_traced_gone AFTER DELETE ON counter
WHEN OLD.name <> 'event'
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('counter', OLD.name, OLD.next)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER aside_is_traced_new AFTER INSERT ON aside
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('aside', NEW.name, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER aside_is_traced_changed AFTER UPDATE ON aside
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('aside', NEW.name, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER aside_is_traced_gone AFTER DELETE ON aside
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('aside', OLD.name, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER slot_is_traced_new AFTER INSERT ON slot
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('slot', NEW.feed || '/' || NEW.business_date, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER slot_is_traced_changed AFTER UPDATE ON slot
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('slot', NEW.feed || '/' || NEW.business_date, OLD.state)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER slot_is_traced_gone AFTER DELETE ON slot
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('slot', OLD.feed || '/' || OLD.business_date, OLD.state)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER held_feed_is_traced_new AFTER INSERT ON held_feed
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('held_feed', NEW.feed, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER held_feed_is_traced_changed AFTER UPDATE ON held_feed
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('held_feed', NEW.feed, OLD.act)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER held_feed_is_traced_gone AFTER DELETE ON held_feed
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('held_feed', OLD.feed, OLD.act)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER act_is_traced_new AFTER INSERT ON act
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('act', NEW.id, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER act_is_traced_changed AFTER UPDATE ON act
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('act', NEW.id, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER act_is_traced_gone AFTER DELETE ON act
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('act', OLD.id, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER reply_is_traced_new AFTER INSERT ON reply
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('reply', NEW.feed || '/' || hex(NEW.key) || '/' || NEW.code || '/' || NEW.plan, NULL)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER reply_is_traced_changed AFTER UPDATE ON reply
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('reply', NEW.feed || '/' || hex(NEW.key) || '/' || NEW.code || '/' || NEW.plan, OLD.act)
  ON CONFLICT DO NOTHING; END;
CREATE TRIGGER reply_is_traced_gone AFTER DELETE ON reply
BEGIN INSERT INTO touched (tbl, key, was) VALUES ('reply', OLD.feed || '/' || hex(OLD.key) || '/' || OLD.code || '/' || OLD.plan, OLD.act)
  ON CONFLICT DO NOTHING; END;

-- What is written once stays what it was.
CREATE TRIGGER checkpoint_is_not_updated BEFORE UPDATE ON checkpoint BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER detail_is_not_updated BEFORE UPDATE ON detail BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER family_stays BEFORE UPDATE OF source, key, from_input, line, digest, incomplete, sealed ON family BEGIN SELECT RAISE(ABORT, 'written once'); END;
CREATE TRIGGER ledger_stays BEFORE UPDATE OF feed, key, from_delivery, covered, sealed, change ON ledger BEGIN SELECT RAISE(ABORT, 'written once'); END;
CREATE TRIGGER delivery_stays BEFORE UPDATE OF id, run, feed, carrier, partner, number, style, frozen_at, final_name ON delivery BEGIN SELECT RAISE(ABORT, 'written once'); END;
CREATE TRIGGER counter_rises BEFORE UPDATE ON counter WHEN NEW.next < OLD.next BEGIN SELECT RAISE(ABORT, 'not lowered'); END;
CREATE TRIGGER checkpoint_is_not_deleted BEFORE DELETE ON checkpoint BEGIN SELECT RAISE(ABORT, 'not deleted'); END;
CREATE TRIGGER detail_is_not_deleted BEFORE DELETE ON detail BEGIN SELECT RAISE(ABORT, 'not deleted'); END;
CREATE TRIGGER counter_is_not_deleted BEFORE DELETE ON counter BEGIN SELECT RAISE(ABORT, 'not deleted'); END;
CREATE TRIGGER input_is_not_deleted BEFORE DELETE ON input BEGIN SELECT RAISE(ABORT, 'not deleted'); END;
CREATE TRIGGER family_is_not_deleted BEFORE DELETE ON family BEGIN SELECT RAISE(ABORT, 'not deleted'); END;
CREATE TRIGGER run_is_not_deleted BEFORE DELETE ON run BEGIN SELECT RAISE(ABORT, 'not deleted'); END;
CREATE TRIGGER delivery_is_not_deleted BEFORE DELETE ON delivery BEGIN SELECT RAISE(ABORT, 'not deleted'); END;
CREATE TRIGGER attempt_is_not_deleted BEFORE DELETE ON attempt BEGIN SELECT RAISE(ABORT, 'not deleted'); END;
CREATE TRIGGER ledger_is_not_deleted BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'not deleted'); END;
CREATE TRIGGER acknowledgement_is_not_deleted BEFORE DELETE ON acknowledgement BEGIN SELECT RAISE(ABORT, 'not deleted'); END;
CREATE TRIGGER act_is_not_deleted BEFORE DELETE ON act BEGIN SELECT RAISE(ABORT, 'not deleted'); END;

-- What an earlier version has left is named by the first leaf of this one.
INSERT INTO touched (tbl, key) SELECT 'input', id FROM input;
INSERT INTO touched (tbl, key) SELECT 'arrival', input FROM arrival;
INSERT INTO touched (tbl, key) SELECT 'reading', input FROM reading;
INSERT INTO touched (tbl, key) SELECT 'renumbered', employer || '/' || hex(number) FROM renumbered;
INSERT INTO touched (tbl, key) SELECT 'run', id FROM run;
INSERT INTO touched (tbl, key) SELECT 'ruleset', hex(digest) FROM ruleset;
INSERT INTO touched (tbl, key) SELECT 'run_rules', run FROM run_rules;
INSERT INTO touched (tbl, key) SELECT 'delivery', id FROM delivery;
INSERT INTO touched (tbl, key) SELECT 'binding', delivery FROM binding;
INSERT INTO touched (tbl, key) SELECT 'policy', hex(digest) FROM policy;
INSERT INTO touched (tbl, key) SELECT 'disclosed', delivery FROM disclosed;
INSERT INTO touched (tbl, key) SELECT 'attempt', delivery || '/' || n FROM attempt;
INSERT INTO touched (tbl, key) SELECT 'acknowledgement', id FROM acknowledgement;
INSERT INTO touched (tbl, key) SELECT 'answered', delivery || '/' || acknowledgement FROM answered;
INSERT INTO touched (tbl, key) SELECT 'counter', name FROM counter WHERE name <> 'event';
INSERT INTO touched (tbl, key) SELECT 'aside', name FROM aside;
INSERT INTO touched (tbl, key) SELECT 'slot', feed || '/' || business_date FROM slot;
INSERT INTO touched (tbl, key) SELECT 'held_feed', feed FROM held_feed;
INSERT INTO touched (tbl, key) SELECT 'act', id FROM act;
INSERT INTO touched (tbl, key) SELECT 'reply', feed || '/' || hex(key) || '/' || code || '/' || plan FROM reply;
