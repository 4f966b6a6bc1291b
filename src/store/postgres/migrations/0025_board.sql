-- What a board asks for every few minutes stands in indexes of its own, which hold only what waits for something: of a
-- hundred thousand runs that are done, none is looked at.
CREATE INDEX input_waiting ON input (id) WHERE state IN ('quarantined', 'held');
CREATE INDEX delivery_waiting ON delivery (run) WHERE state IN ('delivered', 'uncertain', 'rejected');
CREATE INDEX delivery_with_errors ON delivery (run) WHERE g999 = 'errors';
CREATE INDEX acknowledgement_open ON acknowledgement (id) WHERE state NOT IN ('applied', 'settled');
