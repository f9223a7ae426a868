/*
 * The control socket, DIR/control.sock: how a command reaches the server that holds the data
 * folder. Who may connect is decided by the peer's user id: the server's own, or root. One request
 * runs one command, and another one asks meanwhile how far it is; in both directions the body is
 * fields that each end with a NUL byte. A third asks which database it is that the server works on.
 */
#ifndef BZCTRL_SERVER_CONTROL_H
#define BZCTRL_SERVER_CONTROL_H

#include "http/server.h"
#include "server/command.h"

struct control;
struct mailbox;

/* The server's side: listens on `data_dir`/control.sock. Commands run one after the other on a
 * thread of their own, so that a long one does not hold up the API. */
enum err control_create(uv_loop_t *loop, struct core *core, struct mailbox *mailbox,
                        struct str data_dir, struct op *op,
                        struct control **ret_control) MUST_CHECK;

/* Sets what links start with, for the commands that print some; borrowed. Before the loop runs. */
void control_set_public_url(struct control *control, struct str url);

/* Waits until the commands that it has taken have run; their answers are in the mailbox then. */
void control_flush(struct control *control);

/* Takes no further commands, waits for the one that runs. The loop must run once more afterwards;
 * `closed` is called then. */
void control_close(struct control *control, void (*closed)(void *arg), void *arg);

/* The command's side: has the running server run the words, with run->input beside them, tells
 * run->watch how far it is, and passes on what it said. Returns its exit code, or EXIT_UNAVAILABLE.
 */
int control_ask(struct command_run *run, const struct str *words, size_t n) MUST_CHECK;

/* Asks the server in run->config.data for the URL of the database that it has open, in
 * run->op->arena. */
enum err control_database(struct command_run *run, struct str *ret_url) MUST_CHECK;

#endif
