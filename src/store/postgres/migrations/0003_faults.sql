-- A fault in parts. What is NULL is not known: the fault was kept by 0.1.0, whose rule holds the facts as text.
ALTER TABLE fault ADD COLUMN class TEXT COLLATE "C" CHECK (class IN ('ours', 'theirs', 'integrity'));
ALTER TABLE fault ADD COLUMN place_kind TEXT COLLATE "C";
ALTER TABLE fault ADD COLUMN place_parts TEXT COLLATE "C"; -- a JSON object
ALTER TABLE fault ADD COLUMN facts TEXT COLLATE "C";       -- a JSON array of objects
