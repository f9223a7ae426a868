-- The address of a person's calendar feed: whoever has it reads what that person has due.
CREATE TABLE calendar_link (
    account_id INTEGER PRIMARY KEY REFERENCES account (id),
    hash BLOB NOT NULL UNIQUE,      -- SHA-256 of the secret in the address
    created_at INTEGER NOT NULL
) STRICT;
