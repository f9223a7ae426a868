/*
 * What the app keeps for a person wherever they sign in: the saved views that they have pinned, and
 * what it need not show them again. Pure.
 */
#ifndef BZCTRL_MODEL_PREFERENCE_H
#define BZCTRL_MODEL_PREFERENCE_H

#include "model/faults.h"

enum {
    PREFERENCE_ITEMS_MAX = 20, /* of each list */
    PREFERENCE_TEXT_MAX = 32,  /* bytes of each */
};

struct preference {
    struct str_list pins; /* ids of views, in the order in which they are shown */
    struct str_list seen; /* names that the app has chosen */
};

/* Judges what was sent: lists that are to take the place of those there are; one whose `items` is NULL
 * was not sent. ERR_INVALID with all faults. */
enum err preference_judge(const struct preference *sent, struct faults *faults) MUST_CHECK;

#endif
