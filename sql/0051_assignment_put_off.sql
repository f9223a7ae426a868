-- A new record that a rule could not be asked about yet, since the record, its form or the rules could not be read, is
-- looked at again, and then assigned.
ALTER TABLE record_timer ADD COLUMN assigns INTEGER NOT NULL DEFAULT 0;
