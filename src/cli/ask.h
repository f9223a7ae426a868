/* Asking for a report on the terminal, on standard error: prompts and what is wrong with answers.
 */
#ifndef BZCTRL_CLI_ASK_H
#define BZCTRL_CLI_ASK_H

#include "cli/cli.h"

/* Asks for what the draft has not yet of the fields of the form. *ret_json is the report, to be
 * freed; NULL with --later, and where the form is not to be had, which has been told. False: the
 * input has ended, or there is no form of that name, which has been told. */
bool ask_form(struct cli *cli, struct bzctrl_draft *draft, char **ret_json);

/* The same for the members that all forms have; they go into the draft. False: the input has ended.
 */
bool ask_members(struct cli *cli, struct bzctrl_draft *draft);

/* An answer without its line end, to be freed; NULL at the end of the input. */
char *ask_line(const char *label);

/* Whether it is a member that is not asked for unless the form needs it. */
bool ask_never(struct str member);

#endif
