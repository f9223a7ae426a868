-- Which figures the index has (src/store/task_index.h), so that a copy of them in memory follows it.
ALTER TABLE index_state ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE index_state ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task_figure ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX task_figure_by_change ON task_figure (changed, first);
