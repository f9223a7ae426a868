/*
 * Names that people give to things and to each other: what a list, a mail or a terminal can show
 * without being broken or fooled by it.
 */
#ifndef BZCTRL_MODEL_NAME_H
#define BZCTRL_MODEL_NAME_H

#include "model/faults.h"

enum { NAME_MAX_CHARACTERS = 255 };

/* Takes the blanks off both ends of a name that was sent as the body's member `member`, and checks
 * it. What is wrong goes to `faults`, and nothing is set; `meaning` says what the name is, for the
 * one that is missing. */
void name_judge(struct faults *faults, struct str member, const char *meaning, struct str sent,
                struct str *ret_name);

#endif
