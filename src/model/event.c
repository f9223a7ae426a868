#include "model/event.h"

/* doc/history.md describes the same for people who verify a history with their own program. */

struct sha256 event_genesis(struct str domain_key)
{
    struct hasher hasher;
    hash_begin(&hasher);
    hash_field(&hasher, STR("bzctrl history 1"));
    hash_field(&hasher, domain_key);
    return hash_end(&hasher);
}

struct sha256 event_payload_hash(const unsigned char salt[EVENT_SALT_SIZE], struct str payload)
{
    struct hasher hasher;
    hash_begin(&hasher);
    hash_add(&hasher, salt, EVENT_SALT_SIZE);
    hash_add(&hasher, payload.p, payload.n);
    return hash_end(&hasher);
}

struct sha256 event_hash(const struct sha256 *previous, const struct event *event)
{
    struct hasher hasher;
    hash_begin(&hasher);
    hash_add(&hasher, previous->bytes, SHA256_SIZE);
    hash_u64(&hasher, (uint64_t)event->seq);
    hash_u64(&hasher, (uint64_t)event->at);
    hash_u64(&hasher, (uint64_t)event->actor_id);
    hash_field(&hasher, event->action);
    hash_field(&hasher, event->key);
    hash_add(&hasher, event->payload_hash.bytes, SHA256_SIZE);
    return hash_end(&hasher);
}

int64_t event_version(const struct event *event)
{
    return str_eq(event->action, STR("task.created")) ? 1 : event->version;
}

bool event_is_administration(struct str action)
{
    return !str_starts(action, STR("task.")) && !event_is_meeting(action);
}

bool event_is_meeting(struct str action)
{
    return str_starts(action, STR("meeting."));
}

bool event_is_notice(struct str action)
{
    return str_eq(action, STR("task.reminded")) || str_eq(action, STR("task.escalated"));
}
