-- The tree over the leaves of the audit record, and what keeps leaves and rows together.

-- The tree as it stands: one row, made with the first leaf. What is missing here though there are leaves was written by an
-- earlier version; its leaves are hashed when the store is next written to, and a leaf says so.
CREATE TABLE tree (
    id       BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    size     BIGINT NOT NULL CHECK (size > 0),
    frontier BYTEA NOT NULL,                      -- the roots of its whole subtrees, the largest first
    schema   BIGINT NOT NULL                     -- how many steps this database had behind it
);

-- Signed notes on the tree. Append only.
CREATE TABLE checkpoint (
    size     BIGINT NOT NULL PRIMARY KEY,
    frontier BYTEA NOT NULL,
    note     TEXT COLLATE "C" NOT NULL
);

-- What may be known only to whoever has the vault's key, by the number of the leaf that it belongs to: sealed.
CREATE TABLE detail (
    seq    BIGINT NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL
);

-- Rows that a change has written, until its leaf names them. Outside of a change there are none: what stands here then was
-- not written by bex.
CREATE TABLE touched (
    tbl TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    was TEXT COLLATE "C",                                    -- its state, or its number, before
    PRIMARY KEY (tbl, key)
);

-- What is written is named here, whoever writes it. Arguments: the columns of the key, and the one that tells most.
CREATE FUNCTION traced() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE
    this  jsonb := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
    found TEXT;
BEGIN
    SELECT string_agg(CASE WHEN left(this ->> part, 2) = '\x' THEN upper(substr(this ->> part, 3)) ELSE this ->> part END,
        '/' ORDER BY place) INTO found FROM unnest(string_to_array(TG_ARGV[0], ' ')) WITH ORDINALITY AS parts (part, place);
    INSERT INTO touched (tbl, key, was) VALUES (TG_TABLE_NAME, found,
        CASE WHEN TG_OP = 'INSERT' OR TG_ARGV[1] = '' THEN NULL ELSE to_jsonb(OLD) ->> TG_ARGV[1] END)
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER input_is_traced_new AFTER INSERT ON input FOR EACH ROW
EXECUTE FUNCTION traced('id', 'state');
CREATE TRIGGER input_is_traced_changed AFTER UPDATE ON input FOR EACH ROW
EXECUTE FUNCTION traced('id', 'state');
CREATE TRIGGER input_is_traced_gone AFTER DELETE ON input FOR EACH ROW
EXECUTE FUNCTION traced('id', 'state');
CREATE TRIGGER arrival_is_traced_new AFTER INSERT ON arrival FOR EACH ROW
EXECUTE FUNCTION traced('input', '');
CREATE TRIGGER arrival_is_traced_changed AFTER UPDATE ON arrival FOR EACH ROW
EXECUTE FUNCTION traced('input', '');
CREATE TRIGGER arrival_is_traced_gone AFTER DELETE ON arrival FOR EACH ROW
EXECUTE FUNCTION traced('input', '');
CREATE TRIGGER reading_is_traced_new AFTER INSERT ON reading FOR EACH ROW
EXECUTE FUNCTION traced('input', '');
CREATE TRIGGER reading_is_traced_changed AFTER UPDATE ON reading FOR EACH ROW
EXECUTE FUNCTION traced('input', '');
CREATE TRIGGER reading_is_traced_gone AFTER DELETE ON reading FOR EACH ROW
EXECUTE FUNCTION traced('input', '');
CREATE TRIGGER renumbered_is_traced_new AFTER INSERT ON renumbered FOR EACH ROW
EXECUTE FUNCTION traced('employer number', '');
CREATE TRIGGER renumbered_is_traced_changed AFTER UPDATE ON renumbered FOR EACH ROW
EXECUTE FUNCTION traced('employer number', '');
CREATE TRIGGER renumbered_is_traced_gone AFTER DELETE ON renumbered FOR EACH ROW
EXECUTE FUNCTION traced('employer number', '');
CREATE TRIGGER run_is_traced_new AFTER INSERT ON run FOR EACH ROW
EXECUTE FUNCTION traced('id', 'state');
CREATE TRIGGER run_is_traced_changed AFTER UPDATE ON run FOR EACH ROW
EXECUTE FUNCTION traced('id', 'state');
CREATE TRIGGER run_is_traced_gone AFTER DELETE ON run FOR EACH ROW
EXECUTE FUNCTION traced('id', 'state');
CREATE TRIGGER ruleset_is_traced_new AFTER INSERT ON ruleset FOR EACH ROW
EXECUTE FUNCTION traced('digest', '');
CREATE TRIGGER ruleset_is_traced_changed AFTER UPDATE ON ruleset FOR EACH ROW
EXECUTE FUNCTION traced('digest', '');
CREATE TRIGGER ruleset_is_traced_gone AFTER DELETE ON ruleset FOR EACH ROW
EXECUTE FUNCTION traced('digest', '');
CREATE TRIGGER run_rules_is_traced_new AFTER INSERT ON run_rules FOR EACH ROW
EXECUTE FUNCTION traced('run', '');
CREATE TRIGGER run_rules_is_traced_changed AFTER UPDATE ON run_rules FOR EACH ROW
EXECUTE FUNCTION traced('run', '');
CREATE TRIGGER run_rules_is_traced_gone AFTER DELETE ON run_rules FOR EACH ROW
EXECUTE FUNCTION traced('run', '');
CREATE TRIGGER delivery_is_traced_new AFTER INSERT ON delivery FOR EACH ROW
EXECUTE FUNCTION traced('id', 'state');
CREATE TRIGGER delivery_is_traced_changed AFTER UPDATE ON delivery FOR EACH ROW
EXECUTE FUNCTION traced('id', 'state');
CREATE TRIGGER delivery_is_traced_gone AFTER DELETE ON delivery FOR EACH ROW
EXECUTE FUNCTION traced('id', 'state');
CREATE TRIGGER binding_is_traced_new AFTER INSERT ON binding FOR EACH ROW
EXECUTE FUNCTION traced('delivery', '');
CREATE TRIGGER binding_is_traced_changed AFTER UPDATE ON binding FOR EACH ROW
EXECUTE FUNCTION traced('delivery', '');
CREATE TRIGGER binding_is_traced_gone AFTER DELETE ON binding FOR EACH ROW
EXECUTE FUNCTION traced('delivery', '');
CREATE TRIGGER policy_is_traced_new AFTER INSERT ON policy FOR EACH ROW
EXECUTE FUNCTION traced('digest', '');
CREATE TRIGGER policy_is_traced_changed AFTER UPDATE ON policy FOR EACH ROW
EXECUTE FUNCTION traced('digest', '');
CREATE TRIGGER policy_is_traced_gone AFTER DELETE ON policy FOR EACH ROW
EXECUTE FUNCTION traced('digest', '');
CREATE TRIGGER disclosed_is_traced_new AFTER INSERT ON disclosed FOR EACH ROW
EXECUTE FUNCTION traced('delivery', '');
CREATE TRIGGER disclosed_is_traced_changed AFTER UPDATE ON disclosed FOR EACH ROW
EXECUTE FUNCTION traced('delivery', '');
CREATE TRIGGER disclosed_is_traced_gone AFTER DELETE ON disclosed FOR EACH ROW
EXECUTE FUNCTION traced('delivery', '');
CREATE TRIGGER attempt_is_traced_new AFTER INSERT ON attempt FOR EACH ROW
EXECUTE FUNCTION traced('delivery n', 'state');
CREATE TRIGGER attempt_is_traced_changed AFTER UPDATE ON attempt FOR EACH ROW
EXECUTE FUNCTION traced('delivery n', 'state');
CREATE TRIGGER attempt_is_traced_gone AFTER DELETE ON attempt FOR EACH ROW
EXECUTE FUNCTION traced('delivery n', 'state');
CREATE TRIGGER acknowledgement_is_traced_new AFTER INSERT ON acknowledgement FOR EACH ROW
EXECUTE FUNCTION traced('id', 'state');
CREATE TRIGGER acknowledgement_is_traced_changed AFTER UPDATE ON acknowledgement FOR EACH ROW
EXECUTE FUNCTION traced('id', 'state');
CREATE TRIGGER acknowledgement_is_traced_gone AFTER DELETE ON acknowledgement FOR EACH ROW
EXECUTE FUNCTION traced('id', 'state');
CREATE TRIGGER answered_is_traced_new AFTER INSERT ON answered FOR EACH ROW
EXECUTE FUNCTION traced('delivery acknowledgement', '');
CREATE TRIGGER answered_is_traced_changed AFTER UPDATE ON answered FOR EACH ROW
EXECUTE FUNCTION traced('delivery acknowledgement', '');
CREATE TRIGGER answered_is_traced_gone AFTER DELETE ON answered FOR EACH ROW
EXECUTE FUNCTION traced('delivery acknowledgement', '');
CREATE TRIGGER counter_is_traced_new AFTER INSERT ON counter FOR EACH ROW WHEN (NEW.name <> 'event')
EXECUTE FUNCTION traced('name', 'next');
CREATE TRIGGER counter_is_traced_changed AFTER UPDATE ON counter FOR EACH ROW WHEN (NEW.name <> 'event')
EXECUTE FUNCTION traced('name', 'next');
CREATE TRIGGER counter_is_traced_gone AFTER DELETE ON counter FOR EACH ROW WHEN (OLD.name <> 'event')
EXECUTE FUNCTION traced('name', 'next');
CREATE TRIGGER aside_is_traced_new AFTER INSERT ON aside FOR EACH ROW
EXECUTE FUNCTION traced('name', '');
CREATE TRIGGER aside_is_traced_changed AFTER UPDATE ON aside FOR EACH ROW
EXECUTE FUNCTION traced('name', '');
CREATE TRIGGER aside_is_traced_gone AFTER DELETE ON aside FOR EACH ROW
EXECUTE FUNCTION traced('name', '');
CREATE TRIGGER slot_is_traced_new AFTER INSERT ON slot FOR EACH ROW
EXECUTE FUNCTION traced('feed business_date', 'state');
CREATE TRIGGER slot_is_traced_changed AFTER UPDATE ON slot FOR EACH ROW
EXECUTE FUNCTION traced('feed business_date', 'state');
CREATE TRIGGER slot_is_traced_gone AFTER DELETE ON slot FOR EACH ROW
EXECUTE FUNCTION traced('feed business_date', 'state');
CREATE TRIGGER held_feed_is_traced_new AFTER INSERT ON held_feed FOR EACH ROW
EXECUTE FUNCTION traced('feed', 'act');
CREATE TRIGGER held_feed_is_traced_changed AFTER UPDATE ON held_feed FOR EACH ROW
EXECUTE FUNCTION traced('feed', 'act');
CREATE TRIGGER held_feed_is_traced_gone AFTER DELETE ON held_feed FOR EACH ROW
EXECUTE FUNCTION traced('feed', 'act');
CREATE TRIGGER act_is_traced_new AFTER INSERT ON act FOR EACH ROW
EXECUTE FUNCTION traced('id', '');
CREATE TRIGGER act_is_traced_changed AFTER UPDATE ON act FOR EACH ROW
EXECUTE FUNCTION traced('id', '');
CREATE TRIGGER act_is_traced_gone AFTER DELETE ON act FOR EACH ROW
EXECUTE FUNCTION traced('id', '');
CREATE TRIGGER reply_is_traced_new AFTER INSERT ON reply FOR EACH ROW
EXECUTE FUNCTION traced('feed key code plan', 'act');
CREATE TRIGGER reply_is_traced_changed AFTER UPDATE ON reply FOR EACH ROW
EXECUTE FUNCTION traced('feed key code plan', 'act');
CREATE TRIGGER reply_is_traced_gone AFTER DELETE ON reply FOR EACH ROW
EXECUTE FUNCTION traced('feed key code plan', 'act');

-- What is written once stays what it was.
CREATE TRIGGER checkpoint_is_not_updated BEFORE UPDATE ON checkpoint FOR EACH ROW EXECUTE FUNCTION refused();
CREATE TRIGGER detail_is_not_updated BEFORE UPDATE ON detail FOR EACH ROW EXECUTE FUNCTION refused();
CREATE TRIGGER family_stays BEFORE UPDATE OF source, key, from_input, line, digest, incomplete, sealed ON family
FOR EACH ROW EXECUTE FUNCTION refused();
CREATE TRIGGER ledger_stays BEFORE UPDATE OF feed, key, from_delivery, covered, sealed, change ON ledger
FOR EACH ROW EXECUTE FUNCTION refused();
CREATE TRIGGER delivery_stays BEFORE UPDATE OF id, run, feed, carrier, partner, number, style, frozen_at, final_name ON delivery
FOR EACH ROW EXECUTE FUNCTION refused();
CREATE TRIGGER counter_rises BEFORE UPDATE ON counter FOR EACH ROW WHEN (NEW.next < OLD.next) EXECUTE FUNCTION refused();
CREATE TRIGGER checkpoint_is_not_deleted BEFORE DELETE ON checkpoint FOR EACH ROW EXECUTE FUNCTION refused();
CREATE TRIGGER detail_is_not_deleted BEFORE DELETE ON detail FOR EACH ROW EXECUTE FUNCTION refused();
CREATE TRIGGER counter_is_not_deleted BEFORE DELETE ON counter FOR EACH ROW EXECUTE FUNCTION refused();
CREATE TRIGGER input_is_not_deleted BEFORE DELETE ON input FOR EACH ROW EXECUTE FUNCTION refused();
CREATE TRIGGER family_is_not_deleted BEFORE DELETE ON family FOR EACH ROW EXECUTE FUNCTION refused();
CREATE TRIGGER run_is_not_deleted BEFORE DELETE ON run FOR EACH ROW EXECUTE FUNCTION refused();
CREATE TRIGGER delivery_is_not_deleted BEFORE DELETE ON delivery FOR EACH ROW EXECUTE FUNCTION refused();
CREATE TRIGGER attempt_is_not_deleted BEFORE DELETE ON attempt FOR EACH ROW EXECUTE FUNCTION refused();
CREATE TRIGGER ledger_is_not_deleted BEFORE DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION refused();
CREATE TRIGGER acknowledgement_is_not_deleted BEFORE DELETE ON acknowledgement FOR EACH ROW EXECUTE FUNCTION refused();
CREATE TRIGGER act_is_not_deleted BEFORE DELETE ON act FOR EACH ROW EXECUTE FUNCTION refused();

-- What an earlier version has left is named by the first leaf of this one.
INSERT INTO touched (tbl, key) SELECT 'input', id FROM input;
INSERT INTO touched (tbl, key) SELECT 'arrival', input FROM arrival;
INSERT INTO touched (tbl, key) SELECT 'reading', input FROM reading;
INSERT INTO touched (tbl, key) SELECT 'renumbered', employer || '/' || upper(encode(number, 'hex')) FROM renumbered;
INSERT INTO touched (tbl, key) SELECT 'run', id FROM run;
INSERT INTO touched (tbl, key) SELECT 'ruleset', upper(encode(digest, 'hex')) FROM ruleset;
INSERT INTO touched (tbl, key) SELECT 'run_rules', run FROM run_rules;
INSERT INTO touched (tbl, key) SELECT 'delivery', id FROM delivery;
INSERT INTO touched (tbl, key) SELECT 'binding', delivery FROM binding;
INSERT INTO touched (tbl, key) SELECT 'policy', upper(encode(digest, 'hex')) FROM policy;
INSERT INTO touched (tbl, key) SELECT 'disclosed', delivery FROM disclosed;
INSERT INTO touched (tbl, key) SELECT 'attempt', delivery || '/' || n FROM attempt;
INSERT INTO touched (tbl, key) SELECT 'acknowledgement', id FROM acknowledgement;
INSERT INTO touched (tbl, key) SELECT 'answered', delivery || '/' || acknowledgement FROM answered;
INSERT INTO touched (tbl, key) SELECT 'counter', name FROM counter WHERE name <> 'event';
INSERT INTO touched (tbl, key) SELECT 'aside', name FROM aside;
INSERT INTO touched (tbl, key) SELECT 'slot', feed || '/' || business_date FROM slot;
INSERT INTO touched (tbl, key) SELECT 'held_feed', feed FROM held_feed;
INSERT INTO touched (tbl, key) SELECT 'act', id FROM act;
INSERT INTO touched (tbl, key) SELECT 'reply', feed || '/' || upper(encode(key, 'hex')) || '/' || code || '/' || plan FROM reply;
