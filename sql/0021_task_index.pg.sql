-- The index of records (src/follow): derived from the history, and built again whenever it is
-- missing. It is in no copy and no backup.
CREATE TABLE index_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,       -- of the terms (src/model/task_term.h)
    built INTEGER NOT NULL CHECK (built IN (0, 1)),
    done_id INTEGER NOT NULL        -- while it is being built: the last record that is in it
);

-- How far along each domain's chain the index has come; written with what it has made of that.
CREATE TABLE index_position (
    ordinal INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    hash BLOB
);

CREATE TABLE task_index (
    id INTEGER PRIMARY KEY,
    due_date INTEGER,
    financial_impact INTEGER,
    updated_at INTEGER NOT NULL,
    terms TSVECTOR NOT NULL
);

CREATE INDEX task_index_by_terms ON task_index USING gin (terms);
ALTER TABLE task_index ALTER COLUMN terms SET STATISTICS 1000;

-- Which node runs a follower, on a lease.
CREATE TABLE follow_lease (
    name TEXT PRIMARY KEY,
    owner BLOB NOT NULL,
    lease_until INTEGER NOT NULL
);
INSERT INTO follow_lease (name, owner, lease_until) VALUES ('index', '', 0);
