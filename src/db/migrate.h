/*
 * Migrations: the steps that make the schema, which are the files of sql/ built into the program.
 * They only go forward. Each database remembers, in the table schema_migration, which steps it has
 * taken and the SHA-256 of their text, so that a program never works on a schema that it does not
 * know.
 */
#ifndef BZCTRL_DB_MIGRATE_H
#define BZCTRL_DB_MIGRATE_H

#include "base/watch.h"
#include "db/db.h"

struct migration {
    int64_t number;     /* from 1; some may be left out for good */
    const char *name;   /* "directory" */
    const char *engine; /* the one that the text is for: "sqlite", "pg"; "" for every one */
    struct str sql;
};

/* The program's own, ordered by number. */
extern const struct migration migrations[];
extern const size_t migration_count;

/*
 * Takes the steps that are missing, all in one transaction, however long that takes. `watch` (NULL:
 * nobody) is told of each that an older database lacks, and again and again of another process
 * that is at it, for which it waits. ERR_UNAVAILABLE when `watch` asks for the end. ERR_INVALID,
 * with a sentence in op->detail that says what to do, when the database has a step that is not in
 * the list (a newer program made it) or took one with another text. After an error nothing has
 * changed.
 */
enum err migrate(struct db *db, struct op *op, const struct migration *list, size_t n,
                 const struct watch *watch) MUST_CHECK;

/* Changes nothing: ERR_OK when the database has taken exactly these steps, ERR_NOT_FOUND when it
 * has no schema at all, ERR_INVALID as above and when it lacks some. */
enum err migrate_check(struct db *db, struct op *op, const struct migration *list,
                       size_t n) MUST_CHECK;

#endif
