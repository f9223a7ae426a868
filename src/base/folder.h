/*
 * Folders that must outlast a power cut: a file that was made is only sure to be found again once
 * the folder that it stands in has been synced, too.
 */
#ifndef BZCTRL_BASE_FOLDER_H
#define BZCTRL_BASE_FOLDER_H

#include "base/op.h"

/* Makes all names durable that stand beside `path`, and its own. ERR_IO, ERR_MEMORY. */
enum err folder_sync_above(struct op *op, const char *path) MUST_CHECK;

#endif
