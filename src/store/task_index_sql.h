/* The statements about the index that the engines word differently. */
#ifndef BZCTRL_STORE_TASK_INDEX_SQL_H
#define BZCTRL_STORE_TASK_INDEX_SQL_H

struct task_index_sql {
    const char *hasten;
    const char *begin;                                                 /* NULL: nothing */
    const char *add, *add_terms, *forget_terms, *forget, *forget_text; /* add_terms … may be NULL */
    const char *newest, *oldest, *within, *count;
    const char *due, *amount, *updated; /* hits and their values */
    const char *clear;
    const char *settle, *survey;             /* NULL: nothing; see store_index_settle() */
    const char *merge, *changes, *empty_log; /* NULL: of replaced rows nothing stays */
};

extern const struct task_index_sql task_index_sqlite, task_index_postgres;
extern const char task_index_schema[]; /* of SQLite */

#endif
