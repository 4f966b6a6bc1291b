-- Which deliveries an answer names: one file may answer several, and several files one.
CREATE TABLE answered (
    acknowledgement BIGINT NOT NULL REFERENCES acknowledgement (id),
    delivery        BIGINT NOT NULL REFERENCES delivery (id),
    PRIMARY KEY (delivery, acknowledgement)
);
