-- People whose data is being erased: the account is done with at once, what names the address follows
-- in steps (core/erasure.c). The address is kept here until then, and nowhere else.
CREATE TABLE erasure (
    account_id INTEGER PRIMARY KEY REFERENCES account (id),
    email TEXT NOT NULL,            -- as it was
    stage INTEGER NOT NULL,         -- enum erasure_stage
    after INTEGER NOT NULL          -- in the stage: all rows up to this id are done
) STRICT;

INSERT INTO job (id, kind, subject, due_at, lease_until, attempts, dead) VALUES
    (13, 'person erasure', 0, 0, 0, 0, 0);
