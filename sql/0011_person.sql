-- People and workspaces are changed while others read them: each change raises the row's version.
ALTER TABLE workspace ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE account ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

-- Which of a person's sign-ins still count: those with the account's own number, which is raised by a
-- new password and by disabling. So all end by one row, however many there are.
ALTER TABLE account ADD COLUMN sign_in INTEGER NOT NULL DEFAULT 0;
ALTER TABLE token_family ADD COLUMN sign_in INTEGER NOT NULL DEFAULT 0;

-- For the list of a person's own. Tokens of clients, which come by the thousand, are not in it.
CREATE INDEX token_family_by_person ON token_family (account_id, id) WHERE secret_id IS NULL;

-- A link by which a person can set a new password, once: of its token only the SHA-256 is kept.
CREATE TABLE password_reset (
    account_id INTEGER PRIMARY KEY REFERENCES account (id), -- so a new link takes the place of the last
    hash BLOB NOT NULL UNIQUE,
    made_by INTEGER REFERENCES account (id),    -- who must still be allowed to; NULL: the operator
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
