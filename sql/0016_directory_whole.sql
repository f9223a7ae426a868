-- Every change of the directory marks the rows that it touches (0012), so none asks any more for all to
-- be read again.
ALTER TABLE directory_version DROP COLUMN whole;
