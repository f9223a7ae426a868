-- ApiForms: what a report into a workspace is judged by. Each change of one is a new version, and all
-- versions stay, so that a record can tell what it was judged by.

CREATE TABLE form (
    id INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspace (id),
    name TEXT NOT NULL,             -- in small letters
    version INTEGER NOT NULL,       -- the newest
    is_default INTEGER NOT NULL CHECK (is_default IN (0, 1)),   -- of its workspace: one at most
    disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
    UNIQUE (workspace_id, name)
) STRICT;

CREATE TABLE form_version (
    form_id INTEGER NOT NULL REFERENCES form (id),
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    account_id INTEGER REFERENCES account (id),     -- who made it; NULL: the operator
    document TEXT NOT NULL,         -- as it was sent (form/form_json.h)
    PRIMARY KEY (form_id, version)
) STRICT;
