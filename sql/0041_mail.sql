-- Mail that is to go out, at most one for each person. It is made with the first notification that is to be
-- mailed; when it is due, it takes all that are there and still unread, and is written only then.
CREATE TABLE mail (
    id INTEGER PRIMARY KEY,         -- its Message-ID is made of it, so that sending again is seen to be that
    account_id INTEGER NOT NULL UNIQUE REFERENCES account (id),
    due_at INTEGER NOT NULL,
    up_to INTEGER NOT NULL,         -- the newest notification that it has; 0: it was not tried yet
    lease_until INTEGER NOT NULL,   -- 0: nobody works on it
    attempts INTEGER NOT NULL,
    reason TEXT                     -- why the last attempt failed
) STRICT;

CREATE INDEX mail_by_due ON mail (due_at);

-- What is known of sending to a person.
CREATE TABLE mail_address (
    account_id INTEGER PRIMARY KEY REFERENCES account (id),
    sent_at INTEGER,                -- the last mail
    suspended_at INTEGER,           -- the address was refused for good: nothing is sent until it is lifted
    reason TEXT                     -- what the mail server said
) STRICT;

INSERT INTO job (id, kind, subject, due_at, lease_until, attempts, dead) VALUES
    (41, 'mail', 0, 0, 0, 0, 0);
