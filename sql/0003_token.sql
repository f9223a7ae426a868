-- Tokens. Of the token itself only the SHA-256 is kept: whoever reads this table can use none.

-- All that comes from one sign-in, and ends together.
CREATE TABLE token_family (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    client_id INTEGER REFERENCES account (id), -- the client it was issued to; NULL: none
    scope TEXT NOT NULL,            -- the most that a token of it may have: "*" or a list
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked INTEGER NOT NULL CHECK (revoked IN (0, 1))
) STRICT;

CREATE INDEX token_family_by_expiry ON token_family (expires_at);

CREATE TABLE token (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,          -- 1 access, 2 refresh, 3 session of the web app
    hash BLOB NOT NULL UNIQUE,
    family_id INTEGER NOT NULL REFERENCES token_family (id),
    scope TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,    -- never after the family's
    used_at INTEGER NOT NULL,       -- when a refresh token was first exchanged; 0: never
    successor_id INTEGER NOT NULL,  -- what it was last exchanged for; 0: nothing
    revoked INTEGER NOT NULL CHECK (revoked IN (0, 1))
) STRICT;

CREATE INDEX token_by_family ON token (family_id);
CREATE INDEX token_by_expiry ON token (expires_at);
