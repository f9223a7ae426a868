-- Rules that make records (doc/rules.md): the next date of each that is switched on, and the records that
-- it has made. A date of a rule is one record, whichever node makes it.
CREATE TABLE rule_next (
    rule_id INTEGER PRIMARY KEY REFERENCES rule (id),
    due_at INTEGER NOT NULL,
    date INTEGER NOT NULL
) STRICT;

CREATE INDEX rule_next_by_time ON rule_next (due_at);

CREATE TABLE rule_occurrence (
    rule_id INTEGER NOT NULL REFERENCES rule (id),
    date INTEGER NOT NULL,
    task_id INTEGER NOT NULL REFERENCES task (id),
    PRIMARY KEY (rule_id, date)
) STRICT;
