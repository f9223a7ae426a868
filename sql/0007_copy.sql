-- There is a row in a store that is being filled with the content of another one, until all of it is
-- there and verified. Nobody opens the store before that.
CREATE TABLE unfinished_copy (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    source BLOB NOT NULL            -- what the source held: a hash (src/core/copy.c)
) STRICT;
