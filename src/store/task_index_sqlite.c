#include "store/task_index_sql.h"

#include <stddef.h>

/* The ascii tokenizer takes every byte that is not ASCII for a letter, so it leaves terms whole. A
 * contentless table can only forget a row when it is given the row's old terms: they are kept in
 * task_terms, apart from what lists are ordered by. */
const char task_index_schema[] =
    "CREATE TABLE IF NOT EXISTS index_state (id INTEGER PRIMARY KEY CHECK (id = 1),"
    " version INTEGER NOT NULL, built INTEGER NOT NULL, done_id INTEGER NOT NULL,"
    " epoch INTEGER NOT NULL, change INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS index_position (ordinal INTEGER PRIMARY KEY,"
    " seq INTEGER NOT NULL, hash BLOB) STRICT;"
    "CREATE TABLE IF NOT EXISTS task_index (id INTEGER PRIMARY KEY, due_date INTEGER,"
    " financial_impact INTEGER, updated_at INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS task_terms (id INTEGER PRIMARY KEY, terms TEXT NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS task_figure (first INTEGER PRIMARY KEY, data BLOB NOT NULL,"
    " changed INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS task_figure_by_change ON task_figure (changed, first);"
    "CREATE VIRTUAL TABLE IF NOT EXISTS task_words USING fts5(terms, content='', detail=none,"
    " columnsize=0, tokenize=\"ascii tokenchars '_'\");"
    "INSERT INTO task_words (task_words, rank) VALUES ('hashsize', 8388608);";

#define VALUES(column)                                                                             \
    "SELECT i.id, i." column " FROM task_words w JOIN task_index i ON i.id = w.rowid"              \
    " WHERE w.task_words MATCH $1 LIMIT $2"

const struct task_index_sql task_index_sqlite = {
    .hasten = "PRAGMA synchronous = NORMAL",
    .add = "INSERT INTO task_index (id, due_date, financial_impact, updated_at)"
           " VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET due_date = excluded.due_date,"
           " financial_impact = excluded.financial_impact, updated_at = excluded.updated_at",
    .add_terms = "INSERT INTO task_words (rowid, terms) VALUES ($1, $2)",
    .forget = "SELECT terms FROM task_terms WHERE id = $1",
    .forget_terms = "INSERT INTO task_words (task_words, rowid, terms) VALUES ('delete', $1, $2)",
    .forget_text = "INSERT INTO task_terms (id, terms) VALUES ($1, $2)"
                   " ON CONFLICT (id) DO UPDATE SET terms = excluded.terms",
    .newest = "SELECT rowid FROM task_words WHERE task_words MATCH $1 AND rowid > $2"
              " AND rowid < $3 ORDER BY rowid DESC LIMIT $4",
    .oldest = "SELECT rowid FROM task_words WHERE task_words MATCH $1 AND rowid > $2"
              " AND rowid < $3 ORDER BY rowid LIMIT $4",
    .within = "SELECT rowid FROM task_words WHERE task_words MATCH $1 AND rowid > $2"
              " AND rowid < $3 ORDER BY rowid",
    .count = "SELECT COUNT(*) FROM task_words WHERE task_words MATCH $1",
    .due = VALUES("due_date"),
    .amount = VALUES("financial_impact"),
    .updated = VALUES("updated_at"),
    .clear = "DELETE FROM index_state; DELETE FROM index_position; DELETE FROM task_index;"
             " DELETE FROM task_terms; DELETE FROM task_figure;"
             " INSERT INTO task_words (task_words) VALUES ('delete-all');",
    .merge = "INSERT INTO task_words (task_words, rank) VALUES ('merge', $1)",
    .changes = "SELECT TOTAL_CHANGES()",
    .empty_log = "PRAGMA wal_checkpoint(TRUNCATE)",
};
