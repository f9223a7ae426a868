/*
 * JSON merge patch (RFC 7396): what a patch leaves alone keeps its bytes and its place.
 */
#ifndef BZCTRL_JSON_MERGE_H
#define BZCTRL_JSON_MERGE_H

#include "base/arena.h"
#include "json/read.h"

/* Appends `target` (NULL: nothing was there) as `patch` changes it. A member that is null in the
 * patch is dropped, new members come last. What it takes from `arena` is not more than the trees
 * have. ERR_MEMORY, or an error of the buffer. */
enum err buf_json_merge(struct buf *buf, struct arena *arena, const struct json *target,
                        const struct json *patch) MUST_CHECK;

#endif
