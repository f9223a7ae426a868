-- Rules of a workspace (doc/rules.md). One that is deleted stays, with ended_at, since histories name it.
CREATE TABLE rule (
    id INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspace (id),
    kind INTEGER NOT NULL,          -- enum rule_kind
    place INTEGER NOT NULL,         -- among those of its workspace
    name TEXT NOT NULL,
    active_at INTEGER,              -- since when it is switched on
    document TEXT NOT NULL,         -- the filter and the members of its kind, JSON
    author_id INTEGER NOT NULL REFERENCES account (id),
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;

CREATE INDEX rule_by_workspace ON rule (workspace_id, place);

-- Which days of a workspace are working days, where that is not Monday to Friday, and at which minute of
-- a day it is reminded.
CREATE TABLE workdays (
    workspace_id INTEGER PRIMARY KEY REFERENCES workspace (id),
    weekdays INTEGER NOT NULL,      -- bits: 1 is Monday
    remind_at INTEGER NOT NULL,     -- minutes from midnight
    holidays TEXT NOT NULL,         -- a JSON list of dates, in order
    version INTEGER NOT NULL
) STRICT;

-- Whose turn it is among the people of a rule.
CREATE TABLE rule_turn (
    rule_id INTEGER PRIMARY KEY REFERENCES rule (id),
    turn INTEGER NOT NULL
) STRICT;

-- When an open record with a due or reminder date is to be looked at next. A change of the record sets
-- due_at to 0 in its own transaction; a closed record has no row.
CREATE TABLE record_timer (
    task_id INTEGER PRIMARY KEY REFERENCES task (id),
    due_at INTEGER NOT NULL,
    due_since INTEGER NOT NULL,     -- since when it has its due date, or is open again: what lies before
    reminder_since INTEGER NOT NULL -- that is not made up for; the same of its reminder date
) STRICT;

CREATE INDEX record_timer_by_time ON record_timer (due_at, task_id);

-- What rules have done to records, once for each value of the date that it was about.
CREATE TABLE rule_firing (
    task_id INTEGER NOT NULL REFERENCES task (id),
    seq INTEGER NOT NULL,           -- of the record's event that says so
    rule_id INTEGER NOT NULL,       -- 0: the record's own reminder
    date INTEGER NOT NULL,
    step INTEGER NOT NULL,          -- of a rule that reminds; else 0
    PRIMARY KEY (task_id, seq),
    UNIQUE (task_id, rule_id, date, step)
) STRICT;

-- Workspaces of which all records are to be looked at, since a rule or their time has changed; as far as
-- that has come.
CREATE TABLE rule_sweep (
    workspace_id INTEGER PRIMARY KEY REFERENCES workspace (id),
    number INTEGER NOT NULL,        -- of the last record that was looked at
    since INTEGER NOT NULL          -- of records that have no timer yet
) STRICT;

-- How far along each chain new records have been looked at, and by which node.
CREATE TABLE rule_position (
    ordinal INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT;

CREATE TABLE rule_lease (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    owner BLOB,
    lease_until INTEGER NOT NULL
) STRICT;

INSERT INTO rule_lease (id, lease_until) VALUES (1, 0);

-- The records of before: reminders that have passed are not made up for.
INSERT INTO rule_position (ordinal, seq) SELECT ordinal, seq FROM chain;
INSERT INTO rule_sweep (workspace_id, number, since)
    SELECT id, 0, (SELECT MAX(at) FROM chain) FROM workspace WHERE EXISTS (SELECT 1 FROM event);
