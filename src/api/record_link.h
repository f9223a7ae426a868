/*
 * A link between the record that a path names and another one: what the calls that make or remove
 * one share, and with it what makes a record a duplicate. A record that is proposed for closing as a
 * duplicate is linked from then on, so that nothing that happens until somebody accepts it can come
 * between; its tags are carried over when it is closed.
 */
#ifndef BZCTRL_API_RECORD_LINK_H
#define BZCTRL_API_RECORD_LINK_H

#include "api/record_change.h"
#include "core/link.h"
#include "core/related.h"

/* A link on its way: `change` is of the record that the path names. */
struct record_link {
    struct record_change change;
    const char *member;  /* of the body, that names the other record */
    enum link_kind kind; /* 0, of a removal: the only one there is */
    struct record there; /* the record at the other end; task.id is 0 as long as there is none */
    const struct form *there_form;
    struct task_change there_save;
    struct related_item item; /* why the two are related, once that is stored */
    bool adds, removes;       /* the link; else it is there already */
};

void record_link_fault(struct record_link *link, const char *member, enum fault_code code,
                       const char *detail);

/* Reads the other record, and how the two are linked now: by a key that was sent, or the one that
 * this record is a duplicate of, if there is one. ERR_INVALID: `change.faults` has why not. */
enum err record_link_read(struct record_link *link, struct str key) MUST_CHECK;
enum err record_link_read_original(struct record_link *link) MUST_CHECK;

/* Are the two linked so? */
bool record_link_has(const struct record_link *link, enum link_kind kind);

/* Judges that the link of `kind` is made, or that there is one already. */
enum err record_link_add(struct record_link *link) MUST_CHECK;
/* It is removed, if the two are linked so. */
void record_link_remove(struct record_link *link, enum link_kind kind);

/* What a duplicate gives: its result names the other record, which gets its tags.
 * ERR_FORBIDDEN: the caller may not change that one. */
enum err record_link_name_result(struct record_link *link) MUST_CHECK;
enum err record_link_carry_tags(struct record_link *link) MUST_CHECK;

/* Judges, and stores both records in one transaction. The caller answers. */
enum err record_link_run(struct record_link *link) MUST_CHECK;

#endif
