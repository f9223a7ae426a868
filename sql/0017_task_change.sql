-- What a record gets by being changed. A create sets none of it: its INSERT does not name these columns.
-- Nor do they refer to other tables: what is checked for each new row, a create would pay for.
ALTER TABLE task ADD COLUMN closed_at INTEGER;      -- when and by whom it was set to Done; NULL: it is
ALTER TABLE task ADD COLUMN closed_by INTEGER;      -- open, or was Done when it was reported
ALTER TABLE task ADD COLUMN first_due_date INTEGER; -- NULL: the due date has never been moved
ALTER TABLE task ADD COLUMN due_moves INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN parent_id INTEGER;      -- a record of the same domain
ALTER TABLE task ADD COLUMN proposed_at INTEGER;    -- when and by whom closing was proposed; NULL: it
ALTER TABLE task ADD COLUMN proposed_by INTEGER;    -- does not await anybody
ALTER TABLE task ADD COLUMN follower_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN cause TEXT;

-- Who follows a record. Its rows are looked at only where `follower_count` says that there are any.
CREATE TABLE task_follower (
    task_id INTEGER NOT NULL REFERENCES task (id),
    account_id INTEGER NOT NULL REFERENCES account (id),
    PRIMARY KEY (task_id, account_id)
) STRICT;

CREATE INDEX task_follower_by_account ON task_follower (account_id, task_id);
