-- What people are notified of: one row for each person, record and reason, which the newest event of that kind
-- replaces. So a row has a new id each time, and its id says which events its reader has seen.
CREATE TABLE notification (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    task_id INTEGER NOT NULL REFERENCES task (id),
    reason INTEGER NOT NULL,        -- src/model/notification.h
    at INTEGER NOT NULL,            -- of the event
    actor_id INTEGER NOT NULL,      -- 0: nobody, it came by itself
    comment_id INTEGER,             -- of a comment or a mention
    due_date INTEGER,               -- of a reminder: the due date that it was about
    events INTEGER NOT NULL,        -- since it was last read
    app INTEGER NOT NULL CHECK (app IN (0, 1)),     -- 1: shown in the app
    mail INTEGER NOT NULL CHECK (mail IN (0, 1)),   -- 1: to be mailed, unless it is read before
    read_at INTEGER
) STRICT;

CREATE UNIQUE INDEX notification_by_subject ON notification (account_id, task_id, reason);
CREATE INDEX notification_by_account ON notification (account_id, id);
CREATE INDEX notification_unread ON notification (account_id, task_id) WHERE read_at IS NULL AND app = 1;
CREATE INDEX notification_to_mail ON notification (account_id, id) WHERE mail = 1;

-- What a person wants to hear of, and how; without a row, what is usual.
CREATE TABLE notification_setting (
    account_id INTEGER PRIMARY KEY REFERENCES account (id),
    app INTEGER NOT NULL,           -- reasons, a bit for each
    mail INTEGER NOT NULL,
    bundle INTEGER NOT NULL,
    language INTEGER NOT NULL
) STRICT;

-- How far the follower is in each chain. Nobody is notified of what has happened before this step.
CREATE TABLE notification_position (
    ordinal INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT;
INSERT INTO notification_position (ordinal, seq) SELECT ordinal, seq FROM chain;

INSERT INTO job (id, kind, subject, due_at, lease_until, attempts, dead) VALUES
    (40, 'notification expiry', 0, 0, 0, 0, 0);
