/*
 * Every limit and every deadline of the HTTP server, in one place.
 *
 * A connection is always in exactly one state, and each state has exactly one deadline; so the list
 * of connections in a state is sorted by deadline (deadline.h). A state with a minimum rate
 * measures it once per period: a connection that moves fewer bytes is closed, so that one byte a
 * second cannot hold resources for long.
 */
#ifndef BZCTRL_HTTP_LIMITS_H
#define BZCTRL_HTTP_LIMITS_H

/* STATE(NAME, milliseconds (0: no deadline), bytes a second (0: no rate)), and what ends with it */
#define HTTP_STATES(STATE)                                                                         \
    /* connected, no byte yet: closed */                                                           \
    STATE(FRESH, 10000, 0)                                                                         \
    /* between two requests; longer than proxies keep theirs, so they close first: closed */       \
    STATE(IDLE, 75000, 0)                                                                          \
    /* from the first byte of a request to the end of its head: 408 */                             \
    STATE(HEAD, 10000, 0)                                                                          \
    /* the body, at this rate: 408 */                                                              \
    STATE(BODY, 10000, 1024)                                                                       \
    /* the owner works on it, and answers for the time that it takes */                            \
    STATE(HANDLING, 0, 0)                                                                          \
    /* an answer in pieces has nothing to say for now; its owner ends the waiting: closed */       \
    STATE(WAITING, 0, 0)                                                                           \
    /* the peer takes the answer, at this rate: reset */                                           \
    STATE(WRITING, 20000, 1024)                                                                    \
    /* answered and half closed, what still comes is thrown away: closed */                        \
    STATE(LINGERING, 5000, 0)

enum {
    HTTP_HEAD_MAX = 16 * 1024,  /* request line and headers with their line ends, else 431 */
    HTTP_FIELDS_MAX = 100,      /* headers in one request, else 431 */
    HTTP_READ_SIZE = 64 * 1024, /* the one buffer that every connection reads into */
    HTTP_BODIES_MAX =
        128 * 1024 * 1024,      /* of all bodies that are under way or worked on, else 503 … */
    HTTP_BODY_FREE = 64 * 1024, /* … but for so much of each, which is always taken */
    HTTP_LINGER_MAX = 32 * 1024 * 1024, /* bytes thrown away after an early answer */
    HTTP_UNSENT_MAX = 64 * 1024 * 1024, /* of all answers together that peers have not taken yet */
    HTTP_KERNEL_UNSENT = 16 * 1024,   /* of an answer in the kernel, beyond what it may send now */
    HTTP_MMAP_THRESHOLD = 256 * 1024, /* memory from this size on is the system's when freed */
    HTTP_TRIM_THRESHOLD = 8 * 1024 * 1024,  /* of smaller pieces, so much may stay with us */
    HTTP_ARENA_MAX = 128 * 1024 * 1024,     /* memory of one request beside its body */
    HTTP_CONNECTIONS_MAX = 20000,           /* less if the process may open fewer files … */
    HTTP_DESCRIPTORS_KEPT = 64,             /* … of which these are left for everything else */
    HTTP_BACKLOG = 4096,                    /* connections that the kernel keeps for us */
    HTTP_REQUESTS_SPARE = 256,              /* request objects kept for reuse … */
    HTTP_REQUEST_SPARE_BODY_MAX = 16 * 1024 /* … with a body buffer of at most this size */
};

#endif
