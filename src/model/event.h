/*
 * An event: one link of a domain's history chain. doc/history.md says what the hash covers and how
 * to check it.
 */
#ifndef BZCTRL_MODEL_EVENT_H
#define BZCTRL_MODEL_EVENT_H

#include "base/hash.h"

enum { EVENT_SALT_SIZE = 16 };

/* The key of the chain of what belongs to no domain, whose domain_id is 0. */
#define EVENT_ROOT "*"

struct event {
    int64_t domain_id, seq, at;
    int64_t actor_id;  /* the account that did it; 0: the operator */
    struct str action; /* "task.created" */
    struct str key;    /* of the record: "EXA-CON-BUS-WOR-03" */
    int64_t task_id;
    int64_t previous_seq; /* of the same record's event before this one; 0 for its first */
    struct str payload;   /* JSON object: member -> [old, new]; absent once erased */
    unsigned char salt[EVENT_SALT_SIZE]; /* zeros once erased */
    struct sha256 payload_hash;          /* SHA-256(salt, payload), kept when they are erased */
    struct sha256 hash;
    int64_t version; /* as it is stored, which no hash covers: see event_version() */
};

/* The version that the event's record had after it; 0: the event does not say, or has no record. */
int64_t event_version(const struct event *event);

/* Is it about administration, and not about a record? Such events have had names without "admin."
 * in earlier histories. */
bool event_is_administration(struct str action);

/* Is it about a stand-up ("meeting.started")? Whoever may read all of its domain may see it. */
bool event_is_meeting(struct str action);

/* Does it only draw attention to a record, which stays as it is, its updatedAt included? Such an event has
 * the member "notice" (core/rule_pass.h). */
bool event_is_notice(struct str action);

/* What a chain starts from: the hash before seq 1 of a domain. */
struct sha256 event_genesis(struct str domain_key);

/* SHA-256(salt, payload). */
struct sha256 event_payload_hash(const unsigned char salt[EVENT_SALT_SIZE], struct str payload);

/* The event's own hash over `previous` and its seq, at, actor_id, action, key and payload_hash. */
struct sha256 event_hash(const struct sha256 *previous, const struct event *event);

#endif
