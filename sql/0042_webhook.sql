-- Webhooks: subscriptions of other systems to the events of records (src/hook).
CREATE TABLE webhook (
    id INTEGER PRIMARY KEY,
    domain_id INTEGER NOT NULL REFERENCES domain (id),      -- whose managers look after it
    workspace_id INTEGER REFERENCES workspace (id),         -- NULL: the domain and all below
    owner_id INTEGER NOT NULL REFERENCES account (id),      -- who answers for it; no longer a manager: paused
    url TEXT NOT NULL,
    events TEXT NOT NULL,           -- a JSON list; empty: all
    secret BLOB NOT NULL,           -- sealed with the server's secret key (base/seal.h)
    secret_at INTEGER NOT NULL,
    old_secret BLOB,                -- sealed; signs as well until then
    old_secret_until INTEGER,
    paused_at INTEGER,
    pause INTEGER NOT NULL,         -- enum webhook_pause; one that was removed stays, without address and secret
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    -- How deliveries go; no event says it.
    succeeded_at INTEGER,           -- to the minute
    failing_since INTEGER,          -- the first failure after the last success
    warned INTEGER NOT NULL
) STRICT;

CREATE INDEX webhook_by_domain ON webhook (domain_id);

-- How far it is in each chain; a chain that is not named is read from its beginning.
CREATE TABLE webhook_position (
    webhook_id INTEGER NOT NULL REFERENCES webhook (id),
    ordinal INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (webhook_id, ordinal)
) STRICT;

-- What was sent, or is to be. Those of a webhook that was removed are dropped by a job.
CREATE TABLE webhook_delivery (
    id INTEGER PRIMARY KEY,
    webhook_id INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,       -- of the chain of its event; 0: it is a test
    seq INTEGER NOT NULL,
    type TEXT NOT NULL,
    key TEXT,                       -- of the record
    state INTEGER NOT NULL,         -- enum delivery_state
    attempts INTEGER NOT NULL,
    due_at INTEGER NOT NULL,        -- while it waits
    sent_at INTEGER,                -- this, and what follows: the last attempt
    ms INTEGER,
    status INTEGER,                 -- NULL: no answer
    error TEXT,
    request TEXT,                   -- the body; NULL: blanked
    answer TEXT                     -- its beginning
) STRICT;

CREATE INDEX webhook_delivery_by_webhook ON webhook_delivery (webhook_id, id);
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (webhook_id, id) WHERE state = 0;

-- Which node delivers, on a lease; and a number that grows with each change that it has to look at.
CREATE TABLE webhook_control (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    owner BLOB,                     -- NULL: nobody yet
    lease_until INTEGER NOT NULL
) STRICT;
INSERT INTO webhook_control (id, revision, lease_until) VALUES (1, 0, 0);

INSERT INTO job (id, kind, subject, due_at, lease_until, attempts, dead) VALUES
    (42, 'webhook expiry', 0, 0, 0, 0, 0);
