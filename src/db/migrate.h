/*
 * Migrations: the steps that build the schema, which are the files of sql/ built into the program.
 * There are no downgrades. The table schema_migration of a database records which steps were
 * applied and the SHA-256 of their text, so that a program never uses a schema that it does not
 * know.
 */
#ifndef BZCTRL_DB_MIGRATE_H
#define BZCTRL_DB_MIGRATE_H

#include "base/watch.h"
#include "db/db.h"

struct migration {
    int64_t number;     /* from 1; some may be left out for good */
    const char *name;   /* "directory" */
    const char *engine; /* the engine that the text is for: "sqlite" or "pg"; "" for all */
    struct str sql;
};

/* The program's own, ordered by number. */
extern const struct migration migrations[];
extern const size_t migration_count;

/*
 * Applies the missing steps, all in one transaction, however long that takes. `watch` (may be NULL)
 * receives each step that an older database lacks and, while another process is migrating, repeated
 * notices of the wait. ERR_UNAVAILABLE when `watch` asks to stop. ERR_INVALID, with a remedy in
 * op->detail, when the database has a step that is not in the list (a newer program created it) or
 * applied one with a different text. After an error nothing has changed.
 */
enum err migrate(struct db *db, struct op *op, const struct migration *list, size_t n,
                 const struct watch *watch) MUST_CHECK;

/* Changes nothing: ERR_OK when the database has exactly these steps, ERR_NOT_FOUND when it has
 * no schema, ERR_INVALID as above or when steps are missing. */
enum err migrate_check(struct db *db, struct op *op, const struct migration *list,
                       size_t n) MUST_CHECK;

#endif
