-- The log of requests: what was sent lately, by whom, and the verdict on it (core/request_log.h). It
-- is written behind the answers and may miss some; nothing else refers to it, and it is not copied.
-- What a list filters by comes first and the long texts last, so that a scan need not read them.
CREATE TABLE request (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL,
    workspace_id INTEGER,           -- NULL: the request named none that its account may see
    status INTEGER NOT NULL,        -- of HTTP
    at INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    dry_run INTEGER NOT NULL CHECK (dry_run IN (0, 1)),
    replayed INTEGER NOT NULL CHECK (replayed IN (0, 1)),
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    form TEXT,
    idempotency_key TEXT,
    key TEXT,                       -- of the record that it made, or found
    problem TEXT,                   -- a JSON object: what was wrong
    body TEXT                       -- an excerpt without secrets
) STRICT;

CREATE INDEX request_by_account ON request (account_id, id);

INSERT INTO job (id, kind, subject, due_at, lease_until, attempts, dead) VALUES
    (3, 'request expiry', 0, 0, 0, 0, 0);
