/* The form that somebody builds in the demo's story. */
#ifndef BZCTRL_DAEMON_DEMO_FORM_H
#define BZCTRL_DAEMON_DEMO_FORM_H

#include "core/core.h"

enum { DEMO_FORM_VERSIONS = 2 };

/* Saves its next version, from 0, as the person with that address. */
enum err demo_form_save(struct core *core, struct op *op, struct str workspace, struct str email,
                        size_t version) MUST_CHECK;

#endif
