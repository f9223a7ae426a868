-- Attachments of records. Their bytes are apart: the same bytes twice in a record are stored once, and
-- they come and go in short transactions. An attachment refers to a content that is whole.
CREATE TABLE content (
    id INTEGER PRIMARY KEY,
    size INTEGER NOT NULL CHECK (size > 0),
    sha256 BLOB NOT NULL,
    drop_at INTEGER                 -- nothing refers to it: from then on a job drops it
) STRICT;

CREATE INDEX content_to_drop ON content (drop_at) WHERE drop_at IS NOT NULL;

CREATE TABLE content_chunk (
    content_id INTEGER NOT NULL REFERENCES content (id),
    n INTEGER NOT NULL,             -- from 0; all but the last have CONTENT_CHUNK bytes
    bytes BLOB NOT NULL,
    PRIMARY KEY (content_id, n)
) STRICT;

CREATE TABLE attachment (
    id INTEGER PRIMARY KEY,
    task_id INTEGER NOT NULL REFERENCES task (id),
    seq INTEGER NOT NULL,           -- of the event that made it
    last_seq INTEGER NOT NULL,      -- of its newest event
    author_id INTEGER NOT NULL REFERENCES account (id),
    created_at INTEGER NOT NULL,
    deleted_at INTEGER,
    content_id INTEGER REFERENCES content (id), -- NULL once deleted
    size INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    image INTEGER NOT NULL CHECK (image IN (0, 1)), -- its type and its bytes agree on an image
    type TEXT NOT NULL,
    name TEXT NOT NULL
) STRICT;

CREATE INDEX attachment_by_task ON attachment (task_id, id);
CREATE INDEX attachment_by_content ON attachment (content_id) WHERE content_id IS NOT NULL;

ALTER TABLE task ADD COLUMN attachment_count INTEGER NOT NULL DEFAULT 0;

UPDATE erasure SET stage = stage + 1 WHERE stage >= 3;

INSERT INTO job (id, kind, subject, due_at, lease_until, attempts, dead) VALUES
    (20, 'attachment expiry', 0, 0, 0, 0, 0);
