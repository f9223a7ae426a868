-- The keys that records had before they were moved to another workspace of their domain. A number is
-- used once, so what led to a record leads to it for ever.
CREATE TABLE task_alias (
    workspace_id INTEGER NOT NULL REFERENCES workspace (id),
    number INTEGER NOT NULL,
    task_id INTEGER NOT NULL REFERENCES task (id),
    PRIMARY KEY (workspace_id, number)
) STRICT;
