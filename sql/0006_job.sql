-- Work that is to be done later, or again and again: written in the transaction that causes it, done
-- by whichever node claims it first (src/jobs). A claim is a lease: a job whose node has died is
-- claimed again. `attempts` counts the claims, and is what a node proves by that the job is still
-- its own.
CREATE TABLE job (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,             -- a name in the table of kinds; each is a queue of its own
    subject INTEGER NOT NULL,       -- the id of what it is about; 0: nothing
    due_at INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,   -- 0: nobody works on it
    attempts INTEGER NOT NULL,
    dead INTEGER NOT NULL CHECK (dead IN (0, 1)),   -- 1: given up
    reason TEXT                     -- why the last attempt failed
) STRICT;

CREATE INDEX job_by_kind ON job (kind, dead, due_at);

-- The standing ones, which are never done for good.
INSERT INTO job (id, kind, subject, due_at, lease_until, attempts, dead) VALUES
    (1, 'token expiry', 0, 0, 0, 0, 0),
    (2, 'key expiry', 0, 0, 0, 0, 0);
