/*
 * libbzctrl: reports incidents and tasks of an operational system to a bzctrl server without losing
 * any.
 *
 *     struct bzctrl *client;
 *     struct bzctrl_answer *answer = bzctrl_open("prod", NULL, &client);
 *     if (bzctrl_answer_code(answer) == BZCTRL_OK) {
 *         bzctrl_answer_free(answer);
 *         answer = bzctrl_report(client, NULL, NULL, "{\"title\":…}", 0);
 *         puts(bzctrl_answer_link(answer));
 *     }
 *
 * A report is first written to the outbox, a file on the caller's own disk, and synced. Only then
 * is it sent. Whatever happens to the network, the server, the process or the machine, a report in
 * the outbox reaches the server exactly once, in the order in which it was written. The one
 * exception is a report that fails while others get through (a filter blocks it, or the server
 * fails on it): the others are sent ahead of it.
 *
 * ANSWERS. Each call that can fail returns an answer. It is never NULL, even when memory runs out.
 * An answer has a code, a sentence for people and, if the server refused a report, the faults by
 * field. The caller frees it; its texts live as long as it does. Texts are UTF-8.
 *
 * THREADS. Only one thread at a time may use a client, but it need not always be the same thread.
 * Threads that each open their own client may share an outbox, as processes may: all can write, and
 * one sends at a time. Answers and drafts are plain memory: any thread may use one, but not two
 * threads at once.
 *
 * FORK. A client that was opened before fork() belongs to the parent. In the child every call with
 * it returns BZCTRL_MISUSE, and bzctrl_close() only frees its memory. Open another client there.
 *
 * The library prints nothing, never exits, installs no signal handlers, keeps no global state and
 * starts no threads.
 */
#ifndef BZCTRL_H
#define BZCTRL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#define BZCTRL_CHECK __attribute__((__warn_unused_result__))
#else
#define BZCTRL_CHECK
#endif

struct bzctrl;        /* a client of one server, with an outbox */
struct bzctrl_answer; /* how a call ended */
struct bzctrl_draft;  /* a report under construction */

/* How a call ended. The numbers never change; later versions may add new ones. */
enum bzctrl_code {
    BZCTRL_OK = 0,
    BZCTRL_QUEUED = 1,      /* saved in the outbox; it will be sent later */
    BZCTRL_REFUSED = 2,     /* the server refused it; see bzctrl_answer_fault() */
    BZCTRL_UNREACHABLE = 3, /* no useful answer after all attempts; try again later */
    BZCTRL_DENIED = 4,      /* the account or secret is wrong, or lacks a right */
    BZCTRL_NOT_FOUND = 5,   /* it does not exist, or this account may not see it */
    BZCTRL_SETTINGS = 6, /* a setting is missing or wrong, or others can read the secret's file */
    BZCTRL_FULL = 7,     /* the outbox has reached its limit, or the disk is full */
    BZCTRL_STORAGE = 8,  /* a file cannot be read or written, or is damaged */
    BZCTRL_MEMORY = 9,   /* out of memory */
    BZCTRL_MISUSE = 10,  /* an invalid call, such as with a client from before fork() */
    BZCTRL_MISMATCH = 11 /* the server's history does not match the receipt */
};

/* ---- answers ---- */

/* A fault that the server found in a report. */
struct bzctrl_fault {
    const char *pointer; /* where, a JSON pointer: "/financialImpact" */
    const char *code;    /* the kind of fault, for programs: "not_a_number" */
    const char *detail;  /* a sentence for people */
    const char *allowed; /* the values allowed there, separated by ", "; or "" */
};

enum bzctrl_code bzctrl_answer_code(const struct bzctrl_answer *answer);

/* A sentence for people; "" when there is nothing to say. */
const char *bzctrl_answer_message(const struct bzctrl_answer *answer);

/* The server's HTTP status; 0 if it was not asked or did not answer. */
int bzctrl_answer_status(const struct bzctrl_answer *answer);

/* For a report: the link for people, the record's key, the receipt that proves what was stored, and
 * the idempotency key that it was sent with. Each is "" if there is none. */
const char *bzctrl_answer_link(const struct bzctrl_answer *answer);
const char *bzctrl_answer_record(const struct bzctrl_answer *answer);
const char *bzctrl_answer_receipt(const struct bzctrl_answer *answer);
const char *bzctrl_answer_key(const struct bzctrl_answer *answer);

/* The JSON that the server sent; "" if it sent none. */
const char *bzctrl_answer_json(const struct bzctrl_answer *answer);

size_t bzctrl_answer_fault_count(const struct bzctrl_answer *answer);
/* NULL past the last one. */
const struct bzctrl_fault *bzctrl_answer_fault(const struct bzctrl_answer *answer, size_t index);

/* Accepts NULL, like every function that frees or closes. */
void bzctrl_answer_free(struct bzctrl_answer *answer);

/* ---- clients ---- */

/* Opens a profile ("acc", "prod"; NULL: the one that the settings file selects) of a settings file
 * (NULL: $BZCTRL_CONFIG, or bzctrl/config in the user's configuration folder). bzctrl(1) describes
 * the file. Does not use the network. Sets *ret_client if the code is BZCTRL_OK. */
struct bzctrl_answer *bzctrl_open(const char *profile, const char *file,
                                  struct bzctrl **ret_client) BZCTRL_CHECK;

/* Creates a client without settings; use bzctrl_set() to set them. */
struct bzctrl_answer *bzctrl_new(struct bzctrl **ret_client) BZCTRL_CHECK;

/* Sets a setting by its name in the settings file: "url", "client-id", "secret-file", "outbox", … .
 * NULL or "" unsets it. Returns BZCTRL_SETTINGS if there is no such setting or the value is not
 * valid. Call it before the calls that need the setting. */
struct bzctrl_answer *bzctrl_set(struct bzctrl *client, const char *name,
                                 const char *value) BZCTRL_CHECK;

/* The current value of a setting; NULL if it is not set or unknown. Borrowed until the next
 * bzctrl_set(). */
const char *bzctrl_get(const struct bzctrl *client, const char *name);

/* The name and the meaning of each setting; NULL past the last one. */
const char *bzctrl_setting_name(size_t index);
const char *bzctrl_setting_help(size_t index);

/* Writes the settings to a profile of a file, which is created if necessary. The file's other
 * profiles stay. The first profile of a file becomes its default. */
struct bzctrl_answer *bzctrl_save(struct bzctrl *client, const char *profile,
                                  const char *file) BZCTRL_CHECK;

void bzctrl_close(struct bzctrl *client);

/* Signs in now, even if there is a token, to check that account and secret are valid. All other
 * calls sign in on their own when necessary. */
struct bzctrl_answer *bzctrl_sign_in(struct bzctrl *client) BZCTRL_CHECK;

/* ---- reports ---- */

enum bzctrl_flag {
    BZCTRL_LATER = 1, /* only write to the outbox, without network: BZCTRL_QUEUED */
    BZCTRL_NOW = 2    /* send now, even during a pause after failures */
};

/* Reports an incident or a task. `json` is the body of add-task. The report is written to the
 * outbox and synced before anything is sent. Then it is sent, after the reports that wait before
 * it, for as long as the setting "wait" allows. `form`  the form to use; NULL: the workspace's
 * default form. `key`   the idempotency key, 1 to 255 visible ASCII characters, such as the number
 * of your own record: reports with the same key are stored once. NULL: a new key. Without a `key`,
 * a report that has no `occurredAt` gets the current time. With one it is sent unchanged, so that
 * it is the same report whenever, and from whichever machine, you send it. BZCTRL_OK       stored;
 * the answer has the link and the receipt. BZCTRL_QUEUED   saved in the outbox; the server has not
 * acknowledged it yet. BZCTRL_REFUSED  the faults say why; it stays in the outbox, for
 * bzctrl_outbox_edit(). anything else   the report is not in the outbox; the caller still has it.
 */
struct bzctrl_answer *bzctrl_report(struct bzctrl *client, const char *form, const char *key,
                                    const char *json, int flags) BZCTRL_CHECK;

/* Writes many reports to the outbox in one transaction: all of them or none. Returns BZCTRL_QUEUED.
 * Sends nothing; call bzctrl_outbox_run() for that. */
struct bzctrl_item {
    const char *form, *key, *json;
};
struct bzctrl_answer *bzctrl_put(struct bzctrl *client, const struct bzctrl_item *items,
                                 size_t count) BZCTRL_CHECK;

/* Asks the server to check a report without storing it; does not use the outbox. Returns BZCTRL_OK
 * with the record as JSON and any warnings, or BZCTRL_REFUSED with the faults. */
struct bzctrl_answer *bzctrl_dry_run(struct bzctrl *client, const char *form,
                                     const char *json) BZCTRL_CHECK;

/* The same for up to 1,000 reports in one call. Returns BZCTRL_OK whatever the results are. The
 * JSON is {"items":[…]} with one item per report, in order; an item has a "problem" if the report
 * would be refused. */
struct bzctrl_answer *bzctrl_dry_run_all(struct bzctrl *client, const char *form,
                                         const char *const *reports, size_t count) BZCTRL_CHECK;

/* A draft builds the JSON of a report. Texts are escaped, and a member that is added twice becomes
 * a list. bzctrl_draft_new() may return NULL, which the other calls accept. bzctrl_draft_json()
 * returns NULL if memory ran out or a text was not UTF-8. */
struct bzctrl_draft *bzctrl_draft_new(void);
void bzctrl_draft_add(struct bzctrl_draft *draft, const char *member, const char *text);
const char *bzctrl_draft_json(struct bzctrl_draft *draft);
void bzctrl_draft_free(struct bzctrl_draft *draft);

/* ---- the outbox ---- */

enum bzctrl_state {
    BZCTRL_WAITING = 0, /* not acknowledged yet */
    BZCTRL_DEAD = 1,    /* refused, or too old to send: correct it or drop it */
    BZCTRL_SENT = 2     /* acknowledged; only its receipt is left */
};

/* An entry of the outbox. Later versions may add members at the end. */
struct bzctrl_entry {
    int64_t id;
    enum bzctrl_state state;
    int64_t created_at;  /* milliseconds since 1970-01-01 UTC; of the acknowledgement if sent */
    const char *key;     /* its idempotency key */
    const char *form;    /* "" for the workspace's default form */
    const char *json;    /* the report; "" once it is sent */
    const char *verdict; /* the problem document of a refusal, or the last failure; or "" */
    const char *record, *link, *receipt; /* "" until it is sent */
};

/* Called for each entry; the entry is borrowed for the call. It must not use the client. */
typedef void bzctrl_on_entry(void *arg, const struct bzctrl_entry *entry);

/* Sends waiting reports, oldest first, until none is left to send now (BZCTRL_OK) or sending fails
 * (BZCTRL_UNREACHABLE, BZCTRL_DENIED, …), and calls `on_entry` for each that was acknowledged or
 * refused. A report that fails while others get through is set apart and tried after them, with a
 * pause of its own. If it fails again and all others are sent, the call returns BZCTRL_QUEUED, and
 * the verdict of the entry says why. Flags: BZCTRL_NOW. Only one process or thread sends at a time;
 * others wait as long as the setting "wait" allows, then return BZCTRL_UNREACHABLE. */
struct bzctrl_answer *bzctrl_outbox_run(struct bzctrl *client, int flags, bzctrl_on_entry *on_entry,
                                        void *arg) BZCTRL_CHECK;

/* Lists the entries of a state in order, at most `limit`, starting after the id `after` (0: from
 * the first). */
struct bzctrl_answer *bzctrl_outbox_list(struct bzctrl *client, enum bzctrl_state state,
                                         int64_t after, size_t limit, bzctrl_on_entry *on_entry,
                                         void *arg) BZCTRL_CHECK;

/* Finds the entry of a key, in any state. Returns BZCTRL_NOT_FOUND if there is none. */
struct bzctrl_answer *bzctrl_outbox_find(struct bzctrl *client, const char *key,
                                         bzctrl_on_entry *on_entry, void *arg) BZCTRL_CHECK;

/* Queues a dead entry again, unchanged or as `json`, after all waiting entries. Returns
 * BZCTRL_QUEUED. */
struct bzctrl_answer *bzctrl_outbox_retry(struct bzctrl *client, int64_t id) BZCTRL_CHECK;
struct bzctrl_answer *bzctrl_outbox_edit(struct bzctrl *client, int64_t id,
                                         const char *json) BZCTRL_CHECK;

/* Deletes a dead or waiting entry. A waiting one may already have reached the server; while somebody
 * sends, it is not deleted: the call waits as long as the setting "wait" allows, then returns
 * BZCTRL_UNREACHABLE. */
struct bzctrl_answer *bzctrl_outbox_drop(struct bzctrl *client, int64_t id) BZCTRL_CHECK;

/* Call this after the server was renamed, or moved with its database. The reports in the outbox,
 * which were for the server at the URL `from`, then go to the server and account of the settings.
 * Until then, reporting and sending return BZCTRL_SETTINGS. Idempotency keys protect against
 * storing a report twice on one server, not on two: a report that another server has stored, but
 * not acknowledged, is stored twice. Returns BZCTRL_SETTINGS if the outbox has reports for a server
 * other than `from`. */
struct bzctrl_answer *bzctrl_outbox_move(struct bzctrl *client, const char *from) BZCTRL_CHECK;

/* Deletes several entries in one transaction; ids that do not exist are skipped. */
struct bzctrl_answer *bzctrl_outbox_drop_all(struct bzctrl *client, const int64_t *ids,
                                             size_t count) BZCTRL_CHECK;

/* ---- looking up ---- */

/* One record, as JSON; also by a key that it had before it was moved. */
struct bzctrl_answer *bzctrl_show(struct bzctrl *client, const char *record) BZCTRL_CHECK;

/* A page of records as JSON, {"items":[…],"next":"…"}. `filters` are the parameters of GET /tasks,
 * "tag=725462", "workspace=EXA-CON-BUS-WOR", "cursor=…", terminated by NULL; "source=me" selects
 * the records that this account reported. */
struct bzctrl_answer *bzctrl_list(struct bzctrl *client, const char *const *filters) BZCTRL_CHECK;

/* A form of a workspace as JSON (`name` NULL: all forms). `part` is "" for the form itself,
 * "schema" for its JSON Schema, or "sample" for a sample report, in the member "body". */
struct bzctrl_answer *bzctrl_form(struct bzctrl *client, const char *workspace, const char *name,
                                  const char *part) BZCTRL_CHECK;

/* Checks a receipt against the server's history of the record: BZCTRL_OK or BZCTRL_MISMATCH. */
struct bzctrl_answer *bzctrl_verify(struct bzctrl *client, const char *record,
                                    const char *receipt) BZCTRL_CHECK;

/* ---- what has happened ---- */

/* An event of the change feed; borrowed for the call. Later versions may add members at the end. */
struct bzctrl_event {
    const char *id;     /* "EXA-CON-BUS:1042": the same however often the event comes */
    const char *action; /* "task.closed" */
    const char *key;    /* the record's, "EXA-CON-BUS-WOR-03" */
    const char *json;   /* all of it */
};

/* Called for each event. 0: it is done with, and does not come again. Anything else ends the call;
 * the event comes again. It must not use the client. */
typedef int bzctrl_on_event(void *arg, const struct bzctrl_event *event);

enum bzctrl_watch_flag {
    BZCTRL_FROM_START = 1 /* begin with the first event that there is, not with the next */
};

/* Calls `on_event` for each event since the last call with this `name`, in order, and remembers
 * durably, in a file beside the outbox, which of them are done with. So no event is missed, whatever
 * happens to the process or the machine; one that was being worked on then comes again, with the same
 * id. If there is nothing new, waits up to `wait` seconds for it; a request's "timeout" shortens that.
 * `name`     letters, digits, "-", "_" and "."; NULL: "default". One process at a time uses a name.
 * `filters`  parameters of GET /changes, "action=task.closed", "source=me", terminated by NULL; always
 *            the same for a name.
 * BZCTRL_OK: call again for more. BZCTRL_QUEUED: `on_event` has ended it. BZCTRL_REFUSED: the server
 * does not accept the place, as when its data was restored from an older backup; the message names
 * the file. BZCTRL_UNREACHABLE, BZCTRL_DENIED, …: call again later. */
struct bzctrl_answer *bzctrl_watch(struct bzctrl *client, const char *name,
                                   const char *const *filters, int wait, int flags,
                                   bzctrl_on_event *on_event, void *arg) BZCTRL_CHECK;

/* Ends the request that the client waits for, within about a second; the call returns
 * BZCTRL_UNREACHABLE, as does every later one. May be called by a signal handler or another
 * thread. */
void bzctrl_cancel(struct bzctrl *client);

/* The library's version, "0.1.0". */
const char *bzctrl_version(void);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
