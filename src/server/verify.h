/*
 * How a check of the history is told to people: by `bzctrld verify`, and by the commands that make
 * a copy and check it.
 */
#ifndef BZCTRL_SERVER_VERIFY_H
#define BZCTRL_SERVER_VERIFY_H

#include "core/history.h"
#include "server/command.h"

/* For history_verify(): writes the head of a chain, as a receipt, to the struct buf `out`. */
void verify_print_head(void *out, struct str domain_key, const struct chain *head);

/* What was found; returns the exit code. */
int verify_print(struct command_run *run, const struct history_report *report, size_t receipts);

#endif
