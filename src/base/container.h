/*
 * From a member to the struct that it is embedded in: the way back from a job, a timer or a handle
 * to the object it works for.
 */
#ifndef BZCTRL_BASE_CONTAINER_H
#define BZCTRL_BASE_CONTAINER_H

#include <stddef.h>

#define container_of(pointer, type, member)                                                        \
    ((type *)(void *)((char *)(pointer) - offsetof(type, member)))

#endif
