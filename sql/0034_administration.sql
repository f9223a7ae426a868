-- The link by which the first person of an empty store can be made, once: of its token only the SHA-256
-- is kept. A server that starts while there is nobody replaces it.
CREATE TABLE first_run (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- Where a sign-in came from, for the person alone: the client's address, and what the browser or
-- program called itself. NULL: it was not noted.
ALTER TABLE token_family ADD COLUMN address TEXT;
ALTER TABLE token_family ADD COLUMN agent TEXT;

-- The form that a logged request asked for, and whether its body is stored as it was sent: then it can
-- be judged again.
ALTER TABLE request ADD COLUMN asked_form TEXT;
ALTER TABLE request ADD COLUMN whole INTEGER NOT NULL DEFAULT 0;
