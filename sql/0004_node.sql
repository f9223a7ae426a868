-- The processes that write to this database, when several can: each holds one number, which is part
-- of every identifier that it makes, for as long as it renews its lease. A transaction that writes
-- renews it first, so that none is ever committed by a process that has lost its number.
CREATE TABLE node (
    id INTEGER PRIMARY KEY CHECK (id BETWEEN 0 AND 1023),
    owner BLOB NOT NULL,            -- 16 random bytes, of one process
    lease_until INTEGER NOT NULL
) STRICT;
