/*
 * The control socket, DIR/control.sock: how a command reaches the server that holds the data
 * folder. Who may connect is decided by the peer's user id: the server's own, or root. One request
 * runs a command; in both directions the body is a list of fields that each end with a NUL byte.
 * Another asks which database the server uses.
 */
#ifndef BZCTRL_DAEMON_CONTROL_H
#define BZCTRL_DAEMON_CONTROL_H

#include "admin/command.h"
#include "http/server.h"

struct control;
struct mailbox;

/* The server's side: listens on `data_dir`/control.sock. Commands run one after the other on a
 * thread of their own, so that a long one does not hold up the API. */
enum err control_create(uv_loop_t *loop, struct core *core, struct mailbox *mailbox,
                        struct str data_dir, struct op *op,
                        struct control **ret_control) MUST_CHECK;

/* Sets the start of links, for the commands that print them; borrowed. Call it before the loop
 * runs. */
void control_set_public_url(struct control *control, struct str url);

/* Waits until all accepted commands have run and their answers are in the mailbox. */
void control_flush(struct control *control);

/* Accepts no more commands and waits for the running one. The loop must then run once more to
 * call `closed`. */
void control_close(struct control *control, void (*closed)(void *arg), void *arg);

/* The command's side: has the running server run the words, with run->input, and
 * passes on its output and its secret. Returns its exit code, or EXIT_UNAVAILABLE. */
int control_ask(struct command_run *run, const struct str *words, size_t n) MUST_CHECK;

/* Asks the server in run->config.data for the URL of the database that it has open, in
 * run->op->arena. */
enum err control_database(struct command_run *run, struct str *ret_url) MUST_CHECK;

#endif
