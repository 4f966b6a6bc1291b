-- A fault in parts. What is NULL is not known: the fault was kept by 0.1.0, whose rule holds the facts as text.
ALTER TABLE fault ADD COLUMN class TEXT CHECK (class IN ('ours', 'theirs', 'integrity'));
ALTER TABLE fault ADD COLUMN place_kind TEXT;
ALTER TABLE fault ADD COLUMN place_parts TEXT; -- a JSON object
ALTER TABLE fault ADD COLUMN facts TEXT;       -- a JSON array of objects
