-- A client's secrets: several, so that one can be changed without a break. Each is 256 random bits, so
-- the SHA-256 is all that has to be kept.

CREATE TABLE client_secret (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES client (account_id),
    hash BLOB NOT NULL,
    hint TEXT NOT NULL,             -- its first characters, to tell it by
    created_at INTEGER NOT NULL,
    expires_at INTEGER,             -- NULL: never
    used_at INTEGER                 -- when it was last used, to the hour; NULL: never
) STRICT;

CREATE INDEX client_secret_by_account ON client_secret (account_id);

INSERT INTO client_secret (id, account_id, hash, hint, created_at)
    SELECT a.id, a.id, c.secret_hash, '', a.created_at
    FROM client c JOIN account a ON a.id = c.account_id;

ALTER TABLE client DROP COLUMN secret_hash;
ALTER TABLE client ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

-- The workspaces of which a client may read all records, and not only what it has sent itself.
CREATE TABLE client_reading (
    account_id INTEGER NOT NULL REFERENCES client (account_id),
    workspace_id INTEGER NOT NULL REFERENCES workspace (id),
    PRIMARY KEY (account_id, workspace_id)
) STRICT;

-- The secret that the tokens of a client were got with, and end with; NULL: none. It can be gone.
ALTER TABLE token_family ADD COLUMN secret_id INTEGER;
