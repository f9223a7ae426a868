/*
 * Copies a store on behalf of a command.
 */
#ifndef BZCTRL_ADMIN_COPY_H
#define BZCTRL_ADMIN_COPY_H

#include "admin/command.h"
#include "core/copy.h"

/* copy_store(), watched by run->watch; the heads of the chains go to run->out. */
enum err copy_tell(struct command_run *run, struct db *source, struct db *target, bool source_rests,
                   struct history_report *ret_report) MUST_CHECK;

#endif
