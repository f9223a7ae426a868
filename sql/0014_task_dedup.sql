-- Open records of forms with a dedup rule (form/dedup.h), by what a second report of the same would
-- have: a row is there while the record is open. The digest is random, so an insert dirties a page of
-- its own; only forms with a rule pay for it.

CREATE TABLE task_dedup (
    task_id INTEGER PRIMARY KEY REFERENCES task (id),
    digest BLOB NOT NULL UNIQUE     -- of workspace, form, source and the values compared
) STRICT;
