/*
 * Erases what names a person (sql/0013): finds it in bounded reads and removes it.
 */
#ifndef BZCTRL_STORE_ERASURE_H
#define BZCTRL_STORE_ERASURE_H

#include "model/task_fold.h"
#include "store/person.h"
#include "store/task.h"

/* In this order. */
enum erasure_stage {
    ERASE_EVENTS,
    ERASE_RECORDS,
    ERASE_COMMENTS,
    ERASE_ATTACHMENTS,
    ERASE_BULKS,
    ERASE_REQUESTS,
    ERASE_SIGN_INS,
    ERASE_VIEWS,
    ERASE_ANSWERS,
    ERASE_MEETINGS, /* the names of series */
    ERASE_SESSIONS,
    ERASE_NOTES,
    ERASE_DELIVERIES,
    ERASE_RULES,
    ERASE_DONE
};

struct erasure {
    int64_t account_id;
    struct str email;
    enum erasure_stage stage;
    int64_t after;
    int64_t erased_at;
};

/* The account itself: a pseudonym instead of address and name, no password, no roles; disabled.
 * Its sign-ins and its reset link end. Records the rest as an erasure, and that the job is due. */
enum err store_person_erase(struct db *db, struct op *op, int64_t account_id,
                            const struct person_settings *pseudonym, struct str email) MUST_CHECK;

/* The pending erasure of the next account after `account_id`. ERR_NOT_FOUND when there is none. */
enum err store_erasure_next(struct db *db, struct op *op, int64_t account_id,
                            struct erasure *ret_erasure) MUST_CHECK;

/* Stores its progress; ERASE_DONE deletes it. */
enum err store_erasure_progress(struct db *db, struct op *op,
                                const struct erasure *erasure) MUST_CHECK;

/* The addresses that those had whose erasure is pending. */
enum err store_erasures(struct db *db, struct op *op, const struct former_email **ret_former,
                        size_t *ret_n) MUST_CHECK;

/* A row that may name the address: it contains it somewhere, in any case, or what may be a part of it as
 * an escape of JSON. */
struct erasure_row {
    int64_t id;
    int64_t domain_id; /* in whose chain its erasure is said; 0: in that of no domain, or nowhere */
};

struct erasure_rows {
    struct erasure_row *items;
    size_t n;
    int64_t last; /* the last row examined */
    bool more;
};

/* Examines rows of the stage, from erasure->after on, at most `limit`. */
enum err store_erasure_find(struct db *db, struct op *op, const struct erasure *erasure,
                            int64_t limit, struct erasure_rows *ret_rows) MUST_CHECK;

/* An event, by its place. ERR_NOT_FOUND. */
enum err store_event_at(struct db *db, struct op *op, int64_t place,
                        struct event *ret_event) MUST_CHECK;
/* Its payload and salt go; its payload_hash stays, so the chain still verifies. */
enum err store_event_erase_at(struct db *db, struct op *op, int64_t place) MUST_CHECK;
enum err store_event_erase_of(struct db *db, struct op *op, int64_t task_id,
                              int64_t seq) MUST_CHECK; /* in the chain of the record's domain */
enum err store_request_erase(struct db *db, struct op *op, int64_t id) MUST_CHECK;

/* Deletes sign-ins of an account with their tokens, at most 64; reports whether there may be
 * more. */
enum err store_sign_ins_erase(struct db *db, struct op *op, int64_t account_id,
                              bool *ret_more) MUST_CHECK;

#endif
