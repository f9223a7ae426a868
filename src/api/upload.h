/*
 * The body of a call of ACCESS_EARLY that is not RUNS_ASYNC: it is gathered once the caller is
 * known, so that nobody else can fill the memory. What all of them may take together is bounded,
 * and what one account may take of that; beyond it the answer is 503.
 */
#ifndef BZCTRL_API_UPLOAD_H
#define BZCTRL_API_UPLOAD_H

#include "base/buf.h"

struct call;

enum {
    UPLOADS_MAX = 100 * 1024 * 1024,        /* bytes; the rest of HTTP_BODIES_MAX is for others */
    UPLOADS_ACCOUNT_MAX = 50 * 1024 * 1024, /* of one account */
    UPLOAD_LEAST = 64 * 1024,               /* what a small one counts */
};

struct upload {
    struct buf body;
    size_t reserved; /* 0: none is under way */
    int64_t account_id;
    void (*next)(struct call *call);
    struct upload *other; /* the next one under way */
};

/* Gathers the body and calls `next` with call->request->body, or answers itself. Network thread. */
void upload_begin(struct call *call, void (*next)(struct call *call));

/* Frees the body, if there is one. Network thread. */
void upload_end(struct call *call);

#endif
