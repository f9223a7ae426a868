-- The directory: who and what there is. It is small, changes seldom, and is read whole into memory
-- (store/directory.h), so it has no index but those that keep a promise.

CREATE TABLE domain (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,       -- "EXA-CON-BUS", in capitals
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE workspace (
    id INTEGER PRIMARY KEY,
    domain_id INTEGER NOT NULL REFERENCES domain (id),
    key TEXT NOT NULL UNIQUE,       -- "EXA-CON-BUS-WOR", in capitals
    name TEXT NOT NULL,             -- for people
    zone TEXT NOT NULL,             -- IANA name: decides which day it is
    created_at INTEGER NOT NULL
) STRICT;

-- Whoever can act: people and clients (other systems).
CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL CHECK (kind IN (1, 2)),   -- enum account_kind
    email TEXT NOT NULL UNIQUE,     -- in lower case; of a client its client id
    name TEXT,
    password_hash TEXT,             -- argon2id's own text form; NULL: no password
    password_grant INTEGER NOT NULL CHECK (password_grant IN (0, 1)),
    admin INTEGER NOT NULL CHECK (admin IN (0, 1)),
    disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT;

-- An account holds a role on a domain and all below it.
CREATE TABLE account_grant (
    account_id INTEGER NOT NULL REFERENCES account (id),
    domain_id INTEGER NOT NULL REFERENCES domain (id),
    role INTEGER NOT NULL CHECK (role BETWEEN 1 AND 3),     -- enum role
    PRIMARY KEY (account_id, domain_id)
) STRICT;

-- What a client may do, where it belongs, and the SHA-256 of its secret.
CREATE TABLE client (
    account_id INTEGER PRIMARY KEY REFERENCES account (id),
    domain_id INTEGER NOT NULL REFERENCES domain (id),
    scope TEXT NOT NULL,            -- space-separated list
    secret_hash BLOB NOT NULL
) STRICT;

-- The workspaces that a client is limited to; none: all of its domain.
CREATE TABLE client_workspace (
    account_id INTEGER NOT NULL REFERENCES client (account_id),
    workspace_id INTEGER NOT NULL REFERENCES workspace (id),
    PRIMARY KEY (account_id, workspace_id)
) STRICT;

-- Raised by every transaction that changes what stands above (but secrets and passwords).
CREATE TABLE directory_version (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
) STRICT;

INSERT INTO directory_version (id, version) VALUES (1, 1);
