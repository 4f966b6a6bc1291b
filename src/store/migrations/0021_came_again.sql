-- Files that repeated the one before are looked for by their source: each board asks how often one came again.
CREATE INDEX repetition_of_source ON repetition (source, at);
