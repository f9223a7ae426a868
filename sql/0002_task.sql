-- Records, their history, and the answers to requests with an idempotency key.
--
-- Everything here is laid out so that a create only appends: each table is clustered by a number
-- that grows, the one further index grows at one end per workspace, and nothing random is indexed.
-- So a batch of creates dirties the same few pages however much is stored (bench/README.md has the
-- figures).

-- The greatest number given out in each workspace; read and written back once per transaction.
CREATE TABLE counter (
    workspace_id INTEGER PRIMARY KEY REFERENCES workspace (id),
    number INTEGER NOT NULL CHECK (number > 0)
) STRICT;

-- The head of each domain's chain, likewise. `ordinal` is the chain's place in the event table.
CREATE TABLE chain (
    ordinal INTEGER PRIMARY KEY CHECK (ordinal BETWEEN 1 AND 8388607),
    domain_id INTEGER NOT NULL UNIQUE REFERENCES domain (id),
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;

-- `place` is ordinal * 2^40 + seq: unique per chain and seq, in the order of each chain, and a
-- plain row number, so that an event of up to a page lies in one page. (PRIMARY KEY (domain, seq)
-- WITHOUT ROWID sends every row of over a quarter of a page to a page of its own.)
CREATE TABLE event (
    place INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor_id INTEGER NOT NULL,
    task_id INTEGER,                -- NULL: of no record
    previous_seq INTEGER NOT NULL,  -- of the same record's event before; 0: its first
    action TEXT NOT NULL,
    key TEXT NOT NULL,
    payload_hash BLOB NOT NULL,
    hash BLOB NOT NULL,
    salt BLOB,                      -- NULL, as is payload, once erased
    payload TEXT
) STRICT;

-- What lists filter by comes first and the long texts last, so that a scan need not read them.
CREATE TABLE task (
    id INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspace (id),
    number INTEGER NOT NULL CHECK (number > 0),
    version INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    type INTEGER NOT NULL,
    status INTEGER NOT NULL,
    impact INTEGER NOT NULL,
    likelihood INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    reporter_id INTEGER NOT NULL REFERENCES account (id),
    assignee_id INTEGER NOT NULL REFERENCES account (id),
    source_id INTEGER NOT NULL REFERENCES account (id),
    financial_impact INTEGER,       -- EUR cents
    due_date INTEGER,               -- days since 1970-01-01
    reminder_date INTEGER,
    occurred_at INTEGER,
    category TEXT NOT NULL,         -- this and the lists below: JSON arrays of strings
    tags TEXT NOT NULL,
    sub_category TEXT NOT NULL,
    order_id TEXT NOT NULL,
    lrn TEXT,
    form TEXT NOT NULL,
    form_version INTEGER NOT NULL,
    title TEXT NOT NULL,
    extra TEXT NOT NULL,            -- a JSON object
    result TEXT,
    description TEXT NOT NULL,
    UNIQUE (workspace_id, number)
) STRICT;

-- Answers to requests with an idempotency key, to be given again byte for byte. That a digest is
-- here once only is kept by core/idempotency.c: see there why it is no UNIQUE constraint.
CREATE TABLE answer (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL,           -- of account, endpoint and key: 16 bytes
    request BLOB NOT NULL,          -- of the request that was answered: 16 bytes
    status INTEGER NOT NULL,
    headers TEXT NOT NULL,          -- "Name: value" lines
    body BLOB NOT NULL
) STRICT;

-- Answers are grouped into generations by age. A full one is closed: a filter that tells (nearly)
-- which digests are in it, and a sorted-by-bucket index of them.
CREATE TABLE answer_generation (
    id INTEGER PRIMARY KEY,
    last_answer INTEGER NOT NULL,   -- its newest
    closed_at INTEGER NOT NULL,
    filter BLOB NOT NULL
) STRICT;

-- `place` is generation * 256 + the digest's first byte; `entries` are 16 bytes each: the first 8
-- of the digest and the answer's id, both big endian.
CREATE TABLE answer_bucket (
    place INTEGER PRIMARY KEY,
    entries BLOB NOT NULL
) STRICT;
