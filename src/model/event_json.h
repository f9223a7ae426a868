/*
 * An event of the history, as it is shown.
 */
#ifndef BZCTRL_MODEL_EVENT_JSON_H
#define BZCTRL_MODEL_EVENT_JSON_H

#include "json/writer.h"
#include "model/directory.h"
#include "model/event.h"

/* Appends the event of a domain's chain; its domain_id need not be set. */
void event_encode(struct json_writer *json, const struct event *event,
                  const struct directory *directory, struct str domain);

/* The same as a text of its own that has no line breaks. */
void event_encode_line(struct buf *buf, const struct event *event,
                       const struct directory *directory, struct str domain);

/* Adds "origin" to the payload of an event, an object that is written and not empty: the header
 * Bzctrl-Origin of the request that makes it. Nothing if it is absent. */
void buf_event_origin(struct buf *payload, struct str origin);

#endif
