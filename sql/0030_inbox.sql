-- The inbox: who gave a record to its assignee, and when. A create sets neither: its report did it.
ALTER TABLE task ADD COLUMN assigned_at INTEGER;
ALTER TABLE task ADD COLUMN assigned_by INTEGER;

-- What a person has answered to a record: the reasons that it had then (src/model/inbox.h). Whatever is
-- not in a mark is asked of the record itself.
CREATE TABLE inbox_mark (
    account_id INTEGER NOT NULL REFERENCES account (id),
    task_id INTEGER NOT NULL REFERENCES task (id),
    until INTEGER,                  -- NULL: it is done
    assigned_at INTEGER NOT NULL,
    proposed_at INTEGER,
    due_date INTEGER,
    mention_id INTEGER,             -- the newest comment that mentioned the person
    reasons INTEGER NOT NULL,
    PRIMARY KEY (account_id, task_id)
) STRICT;

CREATE INDEX inbox_mark_by_task ON inbox_mark (task_id);

-- Whom comments mention, but for their authors, and whether that person has answered it.
CREATE TABLE mention (
    comment_id INTEGER NOT NULL REFERENCES comment (id),
    account_id INTEGER NOT NULL REFERENCES account (id),
    task_id INTEGER NOT NULL REFERENCES task (id),
    answered INTEGER NOT NULL CHECK (answered IN (0, 1)),
    PRIMARY KEY (comment_id, account_id)
) STRICT;

CREATE INDEX mention_by_account ON mention (account_id, task_id);
CREATE INDEX mention_unanswered ON mention (account_id, comment_id) WHERE answered = 0;
