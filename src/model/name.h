/*
 * Names that people give to things and to each other: texts that are safe to show in a list, a mail
 * or a terminal.
 */
#ifndef BZCTRL_MODEL_NAME_H
#define BZCTRL_MODEL_NAME_H

#include "model/faults.h"

enum { NAME_MAX_CHARACTERS = 255 };

/* Trims and checks a name that was sent as the body's member `member`. If it is wrong, adds a fault
 * and sets nothing; `meaning` describes the name in the fault for a missing one. */
void name_judge(struct faults *faults, struct str member, const char *meaning, struct str sent,
                struct str *ret_name);

#endif
