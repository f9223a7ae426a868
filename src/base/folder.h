/*
 * Folders: a data folder, which only its owner can read and only one process uses at a time, and
 * how to make names survive a power cut. A new file is certain to survive only once its folder has
 * been synced too.
 */
#ifndef BZCTRL_BASE_FOLDER_H
#define BZCTRL_BASE_FOLDER_H

#include "base/op.h"

/* Creates the folder with mode 0700 unless it exists, and makes it survive a power cut. */
enum err folder_make(struct op *op, const char *path) MUST_CHECK;

/* Creates the missing folders above a file, the same way. */
enum err folders_make(struct op *op, struct str file) MUST_CHECK;

/* Takes the file `path`/lock until *ret_lock is closed, which the end of the process does too.
 * ERR_BUSY, and who it is in op->detail, when another process has it. */
enum err folder_lock(struct op *op, const char *path, int *ret_lock) MUST_CHECK;

/* The same for a lock of any name, which is made where it is missing. `note` is written into it. */
enum err file_lock(struct op *op, const char *path, const char *note, int *ret_lock) MUST_CHECK;

/* Whether a process holds the lock, and its note, in op->arena; absent when it left no note. */
enum err file_lock_look(struct op *op, const char *path, bool *ret_held,
                        struct str *ret_note) MUST_CHECK;

/* The folder that a file lies in, in op->arena; p is NULL when out of memory. */
struct str folder_of(struct op *op, struct str file) MUST_CHECK;

/* Makes files created, renamed or removed in the folder durable. */
enum err folder_sync(struct op *op, const char *path) MUST_CHECK;

#endif
