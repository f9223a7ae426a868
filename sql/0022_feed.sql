-- The key that cursors of the change feed are sealed with (core/feed_cursor.h). It moves with the data:
-- a cursor stays valid for as long as the history does.
CREATE TABLE feed_key (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    key BLOB NOT NULL
) STRICT;

-- The version that the event's record had after it, for readers; no hash covers it. NULL: of no record, or
-- of before this step; and of a creation, where it is 1.
ALTER TABLE event ADD COLUMN version INTEGER;

-- The chain of what belongs to no domain, such as making somebody an admin: its domain_id is 0, so the
-- column refers to the domains no more. Domains are never removed.
CREATE TABLE chain_new (
    ordinal INTEGER PRIMARY KEY CHECK (ordinal BETWEEN 1 AND 8388607),
    domain_id INTEGER NOT NULL UNIQUE,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;
INSERT INTO chain_new (ordinal, domain_id, seq, at, hash)
    SELECT ordinal, domain_id, seq, at, hash FROM chain;
DROP TABLE chain;
ALTER TABLE chain_new RENAME TO chain;
