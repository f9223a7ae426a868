/* How a database is: for `bzctrld doctor`. */
#ifndef BZCTRL_DB_EXAMINE_H
#define BZCTRL_DB_EXAMINE_H

#include "db/db.h"

/* Reads the whole database to find damage, without its indexes' contents: *ret_fault is the first
 * fault, in the arena, and absent when there is none, or the engine has no such check. */
enum err db_integrity(struct db *db, struct op *op, struct str *ret_fault) MUST_CHECK;

/* Names and values, as texts, of the settings of the engine's server that bear on what it keeps, and
 * "connections", how many are in use. ERR_NOT_FOUND: the engine has no server. */
enum err db_server_settings(struct db *db, struct op *op, struct db_rows *ret_rows) MUST_CHECK;

#endif
