-- Comments of records. An edit replaces the text and a deletion removes it; the events keep what was
-- there, and `last_seq` is the one that says what is here now.
CREATE TABLE comment (
    id INTEGER PRIMARY KEY,
    task_id INTEGER NOT NULL REFERENCES task (id),
    seq INTEGER NOT NULL,           -- of the event that made it
    last_seq INTEGER NOT NULL,      -- of its newest event
    version INTEGER NOT NULL,
    author_id INTEGER NOT NULL REFERENCES account (id),
    created_at INTEGER NOT NULL,
    edited_at INTEGER,
    deleted_at INTEGER,
    internal INTEGER NOT NULL CHECK (internal IN (0, 1)),
    mentions TEXT NOT NULL,         -- a JSON array of the ids of accounts, as strings
    text TEXT                       -- NULL once deleted
) STRICT;

CREATE INDEX comment_by_task ON comment (task_id, id);

-- Of what is not deleted; internal ones are counted apart, since clients do not see them.
ALTER TABLE task ADD COLUMN comment_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN internal_count INTEGER NOT NULL DEFAULT 0;

-- A person's erasure looks through comments after records.
UPDATE erasure SET stage = stage + 1 WHERE stage >= 2;
