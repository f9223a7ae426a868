-- From this step on the history says what the tables of administration hold (core/admin_state.h). There
-- is a row here while an older store lacks the events for what it held before.
CREATE TABLE state_due (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    kind INTEGER NOT NULL           -- enum state_kind: what comes next
) STRICT;

INSERT INTO state_due (id, kind)
    SELECT id, 0 FROM directory_version
    WHERE EXISTS (SELECT 1 FROM account) OR EXISTS (SELECT 1 FROM domain);
