-- What people have linked by hand. Each of the two records has a row, as it sees the link, made by an
-- event of its own; a link that is removed keeps its rows, so that every such event can be checked.
CREATE TABLE task_link (
    task_id INTEGER NOT NULL REFERENCES task (id),
    seq INTEGER NOT NULL,           -- of the event that made it
    other_id INTEGER NOT NULL REFERENCES task (id),
    kind INTEGER NOT NULL,          -- enum link_kind, as this record sees it
    ended_seq INTEGER,              -- of the event that removed it; NULL: it is there
    PRIMARY KEY (task_id, seq)
) STRICT;

CREATE UNIQUE INDEX task_link_now ON task_link (task_id, kind, other_id) WHERE ended_seq IS NULL;

CREATE UNIQUE INDEX task_link_ended ON task_link (task_id, ended_seq) WHERE ended_seq IS NOT NULL;
