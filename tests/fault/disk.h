/*
 * A disk that remembers. The open, pwrite, ftruncate, fsync, unlink … of disk.c take the place of
 * the C library's in the program that it is linked into, for SQLite as for the project's own code.
 * All that is done below one folder is noted in order, and afterwards any moment of it can be
 * looked at as a power cut would have left it.
 *
 * What a cut keeps is no more than POSIX promises on disks that write sectors of 512 bytes whole:
 *   - what a file held at its last fsync or fdatasync, and its size then;
 *   - of each sector written since, any state that it has been in: writes get lost, overtake each
 *     other, are torn;
 *   - as its size any that it has had since; where it has grown and nothing was written, zeros or
 *     whatever lay on the disk;
 *   - of a name anything that it has stood for since its folder was last synced, nothing included.
 * A sync that failed makes a random part durable, and the rest is lost even if a later one
 * succeeds. "…-shm" holds nothing that may be relied on: it is gone, or noise.
 *
 * The real disk is not troubled: no sync of the program reaches it.
 */
#ifndef BZCTRL_TESTS_FAULT_DISK_H
#define BZCTRL_TESTS_FAULT_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Forgets all, and notes from now on what happens below `folder`, which must be empty. */
void disk_watch(const char *folder);

/* How many things have happened so far: the present moment. Safe from any thread. */
size_t disk_moment(void);

/* The `nth` sync from now on (1: the next) fails with EIO; 0: none does. */
void disk_fail_sync(uint64_t nth);

/* Which kind of sync it was that failed, if one has. */
enum disk_failure { DISK_WELL, DISK_FILE_FAILED, DISK_FOLDER_FAILED };
enum disk_failure disk_failure(void);

/* How often a file was synced, by its name below the watched folder. */
size_t disk_syncs(const char *name);

/* A moment to cut at: any, or as often one beside a turning point: a sync, a name that comes or
 * goes, a file that is cut off or begun again. */
size_t disk_moment_pick(uint64_t *random);

/* Makes below `folder` what a cut at `moment` can have left. Of one disk the moments must not fall.
 * With `lies`, syncs have done nothing. */
void disk_cut(size_t moment, uint64_t *random, bool lies, const char *folder);

/* The next number of a sequence that `random` is the state of, below `n`; and a chance of `n` in
 * a hundred. */
uint64_t dice_below(uint64_t *random, uint64_t n);
bool dice_chance(uint64_t *random, unsigned n);

#endif
