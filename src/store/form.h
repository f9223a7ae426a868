/*
 * ApiForms as they are stored (sql/0010_form.sql). Their list is part of the directory
 * (store/directory.h); their documents are read on demand.
 */
#ifndef BZCTRL_STORE_FORM_H
#define BZCTRL_STORE_FORM_H

#include "db/db.h"

struct form_row {
    int64_t id, workspace_id;
    struct str name;
    int64_t version; /* the newest */
    bool is_default, disabled;
};

/* By workspace and name; id 0 when there is none. */
enum err store_form_get(struct db *db, struct op *op, int64_t workspace_id, struct str name,
                        struct form_row *ret_row) MUST_CHECK;

/* Adds the row, or changes the version and flags of the existing one. */
enum err store_form_put(struct db *db, struct op *op, const struct form_row *row) MUST_CHECK;

/* The workspace's default form; id 0 when that is the built-in one. */
enum err store_form_default(struct db *db, struct op *op, int64_t workspace_id,
                            struct form_row *ret_row) MUST_CHECK;

struct form_version {
    int64_t version;
    int64_t at;
    int64_t account_id;  /* 0: the operator */
    struct str document; /* absent in a list */
};

enum err store_form_version_add(struct db *db, struct op *op, int64_t form_id,
                                const struct form_version *version) MUST_CHECK;

/* ERR_NOT_FOUND. */
enum err store_form_version_get(struct db *db, struct op *op, int64_t form_id, int64_t version,
                                struct form_version *ret_version) MUST_CHECK;

struct form_version_list {
    const struct form_version *items;
    size_t n;
};

/* The newest first, before `before` (0: from the newest), without their documents. */
enum err store_form_versions(struct db *db, struct op *op, int64_t form_id, int64_t before,
                             int64_t limit, struct form_version_list *ret_list) MUST_CHECK;

#endif
