-- What a delivery was decided for: to whom, where, and what it may disclose. No secrets and nothing personal; a delivery
-- of an earlier version has none.
CREATE TABLE binding (
    delivery BIGINT NOT NULL PRIMARY KEY REFERENCES delivery (id),
    terms    TEXT NOT NULL                       -- a JSON object
);
