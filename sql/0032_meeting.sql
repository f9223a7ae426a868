-- Stand-ups. A series belongs to a domain: it covers the workspaces listed for it, or, if there are none,
-- all of the domain and below. It is archived, never deleted, since its minutes are kept.
CREATE TABLE meeting (
    id INTEGER PRIMARY KEY,
    domain_id INTEGER NOT NULL REFERENCES domain (id),
    name TEXT NOT NULL,
    weeks INTEGER NOT NULL,         -- it is held every so many weeks; 0: it has no rhythm
    weekday INTEGER NOT NULL,       -- from 1, Monday; 0: any
    minutes INTEGER NOT NULL,
    walk TEXT NOT NULL,             -- which records are gone through, in which order: a JSON list of words
    grouped INTEGER NOT NULL,       -- enum meeting_group
    archived_at INTEGER,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX meeting_by_domain ON meeting (domain_id, id);

CREATE TABLE meeting_workspace (
    meeting_id INTEGER NOT NULL REFERENCES meeting (id),
    workspace_id INTEGER NOT NULL REFERENCES workspace (id),
    PRIMARY KEY (meeting_id, workspace_id)
) STRICT;

CREATE TABLE meeting_person (
    meeting_id INTEGER NOT NULL REFERENCES meeting (id),
    account_id INTEGER NOT NULL REFERENCES account (id),
    PRIMARY KEY (meeting_id, account_id)
) STRICT;

-- A stand-up of a series. While it runs, what belongs to it is in the tables below; closing it puts all
-- of that into `minutes`, which nobody changes any more.
CREATE TABLE meeting_session (
    id INTEGER PRIMARY KEY,
    meeting_id INTEGER NOT NULL REFERENCES meeting (id),
    number INTEGER NOT NULL,        -- in its series, from 1
    version INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    started_by INTEGER NOT NULL REFERENCES account (id),
    leader_id INTEGER NOT NULL REFERENCES account (id),
    stage INTEGER NOT NULL,         -- enum meeting_stage
    grouped INTEGER NOT NULL,
    task_id INTEGER,                -- the record that is talked about
    task_at INTEGER,                -- since when
    overdue INTEGER NOT NULL,       -- how many records were overdue at its start
    since TEXT,                     -- what has happened since the stand-up before, JSON; in `minutes` once closed
    more INTEGER NOT NULL CHECK (more IN (0, 1)), -- there were more records to go through
    closed_at INTEGER,
    closed_by INTEGER REFERENCES account (id),
    seq INTEGER,                    -- of the event that closed it, in the chain of the series' domain
    minutes TEXT,                   -- JSON
    UNIQUE (meeting_id, number)
) STRICT;

CREATE UNIQUE INDEX meeting_session_open ON meeting_session (meeting_id) WHERE closed_at IS NULL;

-- Its part of each chain: since the stand-up before up to its start, and from there to its end.
CREATE TABLE meeting_range (
    session_id INTEGER NOT NULL REFERENCES meeting_session (id),
    domain_id INTEGER NOT NULL REFERENCES domain (id),
    from_seq INTEGER NOT NULL,
    start_seq INTEGER NOT NULL,
    end_seq INTEGER,                -- NULL while it runs
    PRIMARY KEY (session_id, domain_id)
) STRICT;

-- The records that are gone through.
CREATE TABLE meeting_item (
    session_id INTEGER NOT NULL REFERENCES meeting_session (id),
    place INTEGER NOT NULL,
    task_id INTEGER NOT NULL REFERENCES task (id),
    reason INTEGER NOT NULL,        -- enum meeting_reason
    ms INTEGER NOT NULL,            -- for how long it was talked about
    PRIMARY KEY (session_id, place)
) STRICT;

-- Who is there.
CREATE TABLE meeting_guest (
    session_id INTEGER NOT NULL REFERENCES meeting_session (id),
    account_id INTEGER NOT NULL REFERENCES account (id),
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (session_id, account_id)
) STRICT;

-- Notes. What was parked goes over into the stand-up after, until somebody unparks it.
CREATE TABLE meeting_note (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES meeting_session (id),
    task_id INTEGER REFERENCES task (id), -- NULL: about no record
    author_id INTEGER NOT NULL REFERENCES account (id),
    parked INTEGER NOT NULL CHECK (parked IN (0, 1)),
    created_at INTEGER NOT NULL,
    edited_at INTEGER,
    text TEXT NOT NULL
) STRICT;

CREATE INDEX meeting_note_by_session ON meeting_note (session_id, id);

-- Records whose closing awaits a second person: never many.
CREATE INDEX task_proposed ON task (workspace_id) WHERE proposed_at IS NOT NULL;
