-- With several writers only the database can keep a digest from being there twice. The index is
-- random, but PostgreSQL's log takes it: bench/README.md has the figures.
CREATE UNIQUE INDEX answer_by_digest ON answer (digest);

-- Rows that every batch writes again. Room in their pages lets the new version lie beside the old.
ALTER TABLE counter SET (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
ALTER TABLE chain SET (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
ALTER TABLE node SET (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
