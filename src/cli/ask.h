/* Asking for a report on the terminal. Prompts and errors go to standard error. */
#ifndef BZCTRL_CLI_ASK_H
#define BZCTRL_CLI_ASK_H

#include "cli/cli.h"

/* Asks for the fields of the form that the draft does not have yet. *ret_json is the report, to be
 * freed; it is NULL with --later, or after reporting that the form is not available. False if the
 * input has ended, or after reporting that there is no form with that name. */
bool ask_form(struct cli *cli, struct bzctrl_draft *draft, char **ret_json);

/* Asks for the members that all forms have and adds them to the draft. False if the input has
 * ended. */
bool ask_members(struct cli *cli, struct bzctrl_draft *draft);

/* Asks one question. Returns the answer without its line end, to be freed; NULL at end of input. */
char *ask_line(const char *label);

/* Whether a member is asked for only if the form requires it. */
bool ask_never(struct str member);

#endif
