/*
 * Random bytes from the system (getrandom, through libsodium). A test may replay a seed.
 */
#ifndef BZCTRL_BASE_RANDOM_H
#define BZCTRL_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Fills `p` with `n` unpredictable bytes. Cannot fail once the program has started. */
void random_bytes(void *p, size_t n);

/* A number below `bound`, without bias. */
uint32_t random_below(uint32_t bound);

#endif
