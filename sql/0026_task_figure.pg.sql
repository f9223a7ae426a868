-- What counts need of records, many in a row (src/model/figure.h): a part of the index, derived as it is.
CREATE TABLE task_figure (
    first INTEGER PRIMARY KEY,
    data BLOB NOT NULL
);
-- Two rows fill a page: apart from their table, or compressed, they would only be slower.
ALTER TABLE task_figure ALTER COLUMN data SET STORAGE PLAIN;
