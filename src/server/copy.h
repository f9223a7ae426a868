/*
 * Copying a store on behalf of a command, which tells how far it is.
 */
#ifndef BZCTRL_SERVER_COPY_H
#define BZCTRL_SERVER_COPY_H

#include "core/copy.h"
#include "server/command.h"

/* copy_store(), with its progress on standard error: on a terminal in place, otherwise a line every
 * few seconds and one for each table. Inside a server nothing is told, and the copy ends with it.
 * The heads of the chains go to run->out. */
enum err copy_tell(struct command_run *run, struct db *source, struct db *target, bool source_rests,
                   struct history_report *ret_report) MUST_CHECK;

#endif
