-- Changes of many records in one call (core/bulk_change.h). The id has the time in it. What a record was
-- before is in its history, and nowhere else.
CREATE TABLE bulk_change (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    repeatable INTEGER NOT NULL CHECK (repeatable IN (0, 1)), -- 1: it has an idempotency key
    keys TEXT                       -- that its filter selected, each with a line end; NULL: the call named them
) STRICT;

-- The verdict on each of its records, written in the transaction of the record's change.
CREATE TABLE bulk_verdict (
    id INTEGER PRIMARY KEY,
    bulk_id INTEGER NOT NULL REFERENCES bulk_change (id),
    place INTEGER NOT NULL,         -- in the call, from 0
    task_id INTEGER NOT NULL,       -- this and the next three are 0 when nothing was changed
    domain_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,           -- of the event
    version INTEGER NOT NULL,       -- that the record had after it
    undone INTEGER NOT NULL CHECK (undone IN (0, 1)),
    text TEXT NOT NULL,             -- as it was answered, JSON
    UNIQUE (bulk_id, place)
) STRICT;

-- The stage of an erasure that looks through them comes before the others from there.
UPDATE erasure SET stage = stage + 1 WHERE stage >= 4;

INSERT INTO job (id, kind, subject, due_at, lease_until, attempts, dead) VALUES
    (28, 'bulk change expiry', 0, 0, 0, 0, 0);
