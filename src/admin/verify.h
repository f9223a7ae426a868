/*
 * Prints the result of verifying the history, for `bzctrld verify` and the commands that make and
 * verify a copy.
 */
#ifndef BZCTRL_ADMIN_VERIFY_H
#define BZCTRL_ADMIN_VERIFY_H

#include "admin/command.h"
#include "core/history.h"

/* For history_verify(): writes the head of a chain, as a receipt, to the struct buf `out`. */
void verify_print_head(void *out, struct str domain_key, const struct chain *head);

/* Prints the result; returns the exit code. */
int verify_print(struct command_run *run, const struct history_report *report, size_t receipts);

#endif
