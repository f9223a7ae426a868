/*
 * Events of administration: what changes domains, workspaces, people, roles, clients, secrets, links
 * for a password and forms, by the API or by a command of the operator (actor 0). doc/history.md
 * lists them. An event is in the chain of each domain that it concerns, and in that of no domain when
 * it concerns none. It never holds a secret, and its key never names a person, since a key cannot be
 * erased.
 */
#ifndef BZCTRL_CORE_ADMIN_EVENT_H
#define BZCTRL_CORE_ADMIN_EVENT_H

#include "core/change.h"
#include "json/writer.h"

/* What has changed, under construction: {"name":[before,after],…}. */
struct admin_changes {
    struct buf buf;
    struct json_writer json;
    bool any; /* there is something */
};

void admin_changes_begin(struct admin_changes *changes);

/* Adds a member if its value has changed; an absent text is null. */
void admin_change_text(struct admin_changes *changes, const char *name, struct str before,
                       struct str after);
void admin_change_texts(struct admin_changes *changes, const char *name, struct str_list before,
                        struct str_list after);

/* `before` -1: there was none. */
void admin_change_flag(struct admin_changes *changes, const char *name, int before, bool after);
void admin_change_number(struct admin_changes *changes, const char *name, int64_t before,
                         int64_t after); /* 0: none */

/* Adds a member of which the event says whose it is, whether or not it has changed. */
void admin_change_name(struct admin_changes *changes, const char *name, struct str before,
                       struct str after);

/* The text, in the arena; frees the rest. ERR_MEMORY. */
enum err admin_changes_end(struct admin_changes *changes, struct arena *arena,
                           struct str *ret_payload) MUST_CHECK;

/* Appends the event. domain_id 0 and EVENT_ROOT: it concerns no domain. */
enum err admin_event_add(struct batch *batch, struct op *op, int64_t domain_id, struct str key,
                         int64_t actor_id, struct str action, struct str payload) MUST_CHECK;

/* Appends an event about a person to the chain of each domain on which they have a role; and to
 * the root chain if there is no such domain, or the person is an admin. The change must be `apart`,
 * since it writes to several chains. */
enum err admin_event_person(struct batch *batch, struct op *op, const struct directory *directory,
                            const struct account *person, int64_t actor_id, struct str action,
                            struct str payload) MUST_CHECK;

#endif
