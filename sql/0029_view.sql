-- Saved views: stored queries of GET /tasks. A view is either a person's own, or shared with everybody
-- who has a role on its domain; then it belongs to the domain and outlives whoever made it.
CREATE TABLE saved_view (
    id INTEGER PRIMARY KEY,
    account_id INTEGER REFERENCES account (id),     -- whose own it is; NULL: it is shared
    domain_id INTEGER REFERENCES domain (id),       -- with whom it is shared; NULL: with nobody
    name TEXT NOT NULL,
    query TEXT NOT NULL,            -- a JSON list of "name=value", decoded, so that an erasure reads it
    layout TEXT NOT NULL,
    shown TEXT NOT NULL,            -- the columns, a JSON list
    sort TEXT,                      -- NULL: as lists are without one
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK ((account_id IS NULL) <> (domain_id IS NULL))
) STRICT;

CREATE INDEX saved_view_by_account ON saved_view (account_id, id);
CREATE INDEX saved_view_by_domain ON saved_view (domain_id, id);
