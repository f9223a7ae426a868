/*
 * Links that people make between two records of a domain. Both records have the link, each as it
 * sees it: one duplicates the other, which is duplicated by it.
 */
#ifndef BZCTRL_MODEL_LINK_H
#define BZCTRL_MODEL_LINK_H

#include "json/writer.h"

/* The numbers are those in the database. */
enum link_kind {
    LINK_NONE,
    LINK_RELATES,
    LINK_DUPLICATES,
    LINK_DUPLICATED_BY,
    LINK_CAUSED_BY,
    LINK_CAUSES,
};
enum { LINK_KINDS = LINK_CAUSES };

struct link {
    int64_t task_id, other_id;
    enum link_kind kind; /* as the record task_id sees it */
    int64_t seq;         /* of the event of that record that made it */
    int64_t ended_seq;   /* of the one that removed it; 0: it is there */
};

/* "relates", "duplicatedBy"; reading ignores case. */
struct str link_kind_name(enum link_kind kind);
bool link_kind_read(struct str text, enum link_kind *ret_kind);

/* As the other record sees it. */
enum link_kind link_kind_inverse(enum link_kind kind);

/* Writes "link":[null,{"kind","key"}] into the payload of an event that makes a link, and the other
 * way round into that of one that removes it. */
void json_put_link_change(struct json_writer *json, enum link_kind kind, struct str key,
                          bool removes);

#endif
