/*
 * What tests of sign-in and tokens need besides the world: statements of their own, as another node
 * would run them, and waiting for work that the network thread would not wait for.
 */
#ifndef BZCTRL_TESTS_STORE_QUERY_H
#define BZCTRL_TESTS_STORE_QUERY_H

#include "world.h"

#include "db/db.h"

/* Runs a statement on the write lane and returns its rows; fails the test when it fails. */
struct db_rows world_query(struct world *world, const char *sql, struct db_args args);

/* Does another connection wait for this one? What was asked of it before has been done then. On
 * PostgreSQL only. */
bool holds_up_somebody(struct db *db, struct op *op);

/* Delivers what comes back from the lanes until *done. */
void world_wait_for(struct world *world, const bool *done);

#endif
