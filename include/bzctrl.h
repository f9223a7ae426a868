/*
 * libbzctrl: reports incidents and tasks of an operational system to a bzctrl server, and loses
 * none.
 *
 *     struct bzctrl *client;
 *     struct bzctrl_answer *answer = bzctrl_open("prod", NULL, &client);
 *     if (bzctrl_answer_code(answer) == BZCTRL_OK) {
 *         bzctrl_answer_free(answer);
 *         answer = bzctrl_report(client, NULL, NULL, "{\"title\":…}", 0);
 *         puts(bzctrl_answer_link(answer));
 *     }
 *
 * A report is first written to the outbox, a file on the caller's own disk, and synced; only then
 * is it sent. Whatever happens to the network, the server, the process or the machine, what was
 * once in the outbox reaches the server exactly once, in the order in which it was written. Only
 * what fails alone while others get through (a filter on the way blocks it, or the server breaks
 * at it) lets the others pass.
 *
 * ANSWERS. Each call that can fail returns an answer, never NULL, also when out of memory. It has a
 * code, a sentence for people, and, where the server refused something, the faults by field. The
 * caller frees it; its texts live as long as it does. Texts are UTF-8.
 *
 * THREADS. A client is used by one thread at a time; it may move to another. Threads that each open
 * a client of their own may share its outbox, as processes do: one sends at a time, all may write.
 * Answers and drafts are plain memory: any thread may use one, not two at once.
 *
 * FORK. What was opened before fork() belongs to the parent. In the child every call with such a
 * client answers BZCTRL_MISUSE, and bzctrl_close() only forgets it; open another one there.
 *
 * The library prints nothing, never exits, installs no signal handler, keeps no global state, and
 * starts no thread.
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
struct bzctrl_draft;  /* a report that is being put together */

/* How a call ended. Numbers are never changed; later versions may add some. */
enum bzctrl_code {
    BZCTRL_OK = 0,
    BZCTRL_QUEUED = 1,      /* safe in the outbox, and sent later */
    BZCTRL_REFUSED = 2,     /* the server says no: bzctrl_answer_fault() says why */
    BZCTRL_UNREACHABLE = 3, /* no answer, or none that helps, after all tries; later it may */
    BZCTRL_DENIED = 4,      /* account or secret are not accepted, or a right is missing */
    BZCTRL_NOT_FOUND = 5,   /* there is none, or this account may not see it */
    BZCTRL_SETTINGS = 6, /* a setting is missing or wrong, or a secret's file is open to others */
    BZCTRL_FULL = 7,     /* the outbox has reached its limit, or the disk is full */
    BZCTRL_STORAGE = 8,  /* a file cannot be read or written, or is damaged */
    BZCTRL_MEMORY = 9,   /* out of memory */
    BZCTRL_MISUSE = 10,  /* a call that cannot be, such as with a client of before fork() */
    BZCTRL_MISMATCH = 11 /* the server's history is not what the receipt says */
};

/* ---- answers ---- */

/* A fault that the server found in a report. */
struct bzctrl_fault {
    const char *pointer; /* where, a JSON pointer: "/financialImpact" */
    const char *code;    /* which kind, for programs: "not_a_number" */
    const char *detail;  /* a sentence for people */
    const char *allowed; /* what could stand there, separated by ", "; "" when it is no list */
};

enum bzctrl_code bzctrl_answer_code(const struct bzctrl_answer *answer);

/* A sentence for people; "" when there is nothing to say. */
const char *bzctrl_answer_message(const struct bzctrl_answer *answer);

/* The server's HTTP status; 0 when it was not asked or did not answer. */
int bzctrl_answer_status(const struct bzctrl_answer *answer);

/* Of a report: the link for people, the record's key, the receipt that proves what was stored, and
 * the idempotency key it was sent under. "" for what there is not. */
const char *bzctrl_answer_link(const struct bzctrl_answer *answer);
const char *bzctrl_answer_record(const struct bzctrl_answer *answer);
const char *bzctrl_answer_receipt(const struct bzctrl_answer *answer);
const char *bzctrl_answer_key(const struct bzctrl_answer *answer);

/* What the server sent, as JSON; "" when it sent none. */
const char *bzctrl_answer_json(const struct bzctrl_answer *answer);

size_t bzctrl_answer_fault_count(const struct bzctrl_answer *answer);
/* NULL beyond the last one. */
const struct bzctrl_fault *bzctrl_answer_fault(const struct bzctrl_answer *answer, size_t index);

/* NULL-safe, as all that free or close. */
void bzctrl_answer_free(struct bzctrl_answer *answer);

/* ---- clients ---- */

/* Opens the profile ("acc", "prod"; NULL: the settings file's own choice) of a settings file (NULL:
 * $BZCTRL_CONFIG, or bzctrl/config in the user's configuration folder). bzctrl(1) describes the
 * file. Asks no network. *ret_client is set when the code is BZCTRL_OK. */
struct bzctrl_answer *bzctrl_open(const char *profile, const char *file,
                                  struct bzctrl **ret_client) BZCTRL_CHECK;

/* A client without settings, for bzctrl_set(). */
struct bzctrl_answer *bzctrl_new(struct bzctrl **ret_client) BZCTRL_CHECK;

/* Sets what a settings file could set, by the same names: "url", "client-id", "secret-file",
 * "outbox", … ; NULL or "" unsets it. BZCTRL_SETTINGS when there is no such setting, or the value
 * is none. To be called before the calls that need it. */
struct bzctrl_answer *bzctrl_set(struct bzctrl *client, const char *name,
                                 const char *value) BZCTRL_CHECK;

/* A setting as it is in force; NULL when it is not set or not known. Borrowed until the next
 * bzctrl_set(). */
const char *bzctrl_get(const struct bzctrl *client, const char *name);

/* The name of each setting, and what it means; NULL beyond the last one. */
const char *bzctrl_setting_name(size_t index);
const char *bzctrl_setting_help(size_t index);

/* Writes the settings into a profile of a file, which is made if need be; the file's other profiles
 * stay. The first profile of a file becomes its own choice. */
struct bzctrl_answer *bzctrl_save(struct bzctrl *client, const char *profile,
                                  const char *file) BZCTRL_CHECK;

void bzctrl_close(struct bzctrl *client);

/* Signs in now, whether or not a token is at hand: shows that account and secret are good. All
 * other calls sign in by themselves when they must. */
struct bzctrl_answer *bzctrl_sign_in(struct bzctrl *client) BZCTRL_CHECK;

/* ---- reports ---- */

enum bzctrl_flag {
    BZCTRL_LATER = 1, /* write it to the outbox only: no network, BZCTRL_QUEUED */
    BZCTRL_NOW = 2    /* try at once, also in a pause after failures */
};

/* Reports an incident or a task: `json` is the body of add-task. It is in the outbox and synced
 * before anything is sent; then this and what waits before it is sent, for as long as the setting
 * "wait" says.
 *   `form`  the form that judges it; NULL: the workspace's own choice.
 *   `key`   the idempotency key, 1 to 255 visible ASCII characters, such as your own record's
 *           number: the same key is one report, however often it is reported. NULL: a new one.
 * A report with a new key and without `occurredAt` is given the present time. One with a key of
 * yours is sent as it is, so that it is the same report from whichever machine, and whenever, you
 * give it. BZCTRL_OK: stored, with link and receipt. BZCTRL_QUEUED: safe, the server has not said
 * yes yet. BZCTRL_REFUSED: the faults say why; it is kept in the list of the refused ones, for
 * bzctrl_outbox_edit(). All others: it is not in the outbox, and the caller still has it. */
struct bzctrl_answer *bzctrl_report(struct bzctrl *client, const char *form, const char *key,
                                    const char *json, int flags) BZCTRL_CHECK;

/* Many at once, all or none of them into the outbox, in one transaction. Sends nothing:
 * bzctrl_outbox_run() does. BZCTRL_QUEUED. */
struct bzctrl_item {
    const char *form, *key, *json;
};
struct bzctrl_answer *bzctrl_put(struct bzctrl *client, const struct bzctrl_item *items,
                                 size_t count) BZCTRL_CHECK;

/* The server's verdict without storing anything, and not through the outbox: BZCTRL_OK with the
 * record as JSON, and warnings; BZCTRL_REFUSED with the faults. */
struct bzctrl_answer *bzctrl_dry_run(struct bzctrl *client, const char *form,
                                     const char *json) BZCTRL_CHECK;

/* The same for up to 1,000 reports in one call. BZCTRL_OK, whatever the verdicts are: the JSON is
 * {"items":[…]} with one for each report in order, and "problem" in those that would be refused. */
struct bzctrl_answer *bzctrl_dry_run_all(struct bzctrl *client, const char *form,
                                         const char *const *reports, size_t count) BZCTRL_CHECK;

/* A draft writes the JSON of a report: texts are escaped, and a member that is added twice becomes
 * a list. NULL when out of memory; later calls remember that, and that a text is not UTF-8, and
 * bzctrl_draft_json() answers NULL. */
struct bzctrl_draft *bzctrl_draft_new(void);
void bzctrl_draft_add(struct bzctrl_draft *draft, const char *member, const char *text);
const char *bzctrl_draft_json(struct bzctrl_draft *draft);
void bzctrl_draft_free(struct bzctrl_draft *draft);

/* ---- the outbox ---- */

enum bzctrl_state {
    BZCTRL_WAITING = 0, /* not acknowledged yet */
    BZCTRL_DEAD = 1,    /* refused, or too old to be sent: to be mended, or dropped */
    BZCTRL_SENT = 2     /* acknowledged: what is left is its receipt */
};

/* An entry of the outbox. Later versions may add members at the end. */
struct bzctrl_entry {
    int64_t id;
    enum bzctrl_state state;
    int64_t created_at;  /* milliseconds since 1970-01-01 UTC; when sent: of the acknowledgement */
    const char *key;     /* its idempotency key */
    const char *form;    /* "" for the workspace's own choice */
    const char *json;    /* the report; "" once it is sent */
    const char *verdict; /* the problem document of a refusal, or the last failure; "" for none */
    const char *record, *link, *receipt; /* once it is sent; else "" */
};

/* Called for each entry that comes to an end; what it is given is borrowed for the call. It must
 * not use the client. */
typedef void bzctrl_on_entry(void *arg, const struct bzctrl_entry *entry);

/* Sends what waits, oldest first, until nothing is left to send now (BZCTRL_OK) or sending fails
 * (BZCTRL_UNREACHABLE, BZCTRL_DENIED, …). What fails alone while others get through waits apart and
 * is tried after them, with a pause of its own: BZCTRL_QUEUED when that failed again, all others
 * are sent, and the entries' verdicts say why. Flags: BZCTRL_NOW. One process or thread sends at a
 * time; others wait for it as long as "wait" says, then BZCTRL_UNREACHABLE. */
struct bzctrl_answer *bzctrl_outbox_run(struct bzctrl *client, int flags, bzctrl_on_entry *on_entry,
                                        void *arg) BZCTRL_CHECK;

/* Shows entries of a state in order, from after an id on (0: from the first), at most `limit`. */
struct bzctrl_answer *bzctrl_outbox_list(struct bzctrl *client, enum bzctrl_state state,
                                         int64_t after, size_t limit, bzctrl_on_entry *on_entry,
                                         void *arg) BZCTRL_CHECK;

/* The entry of a key, whatever its state. BZCTRL_NOT_FOUND. */
struct bzctrl_answer *bzctrl_outbox_find(struct bzctrl *client, const char *key,
                                         bzctrl_on_entry *on_entry, void *arg) BZCTRL_CHECK;

/* Of a dead entry: sends it again as it is, or as `json`; it goes to the end of the line.
 * BZCTRL_QUEUED. */
struct bzctrl_answer *bzctrl_outbox_retry(struct bzctrl *client, int64_t id) BZCTRL_CHECK;
struct bzctrl_answer *bzctrl_outbox_edit(struct bzctrl *client, int64_t id,
                                         const char *json) BZCTRL_CHECK;

/* Forgets a dead or waiting entry for good. A waiting one may have reached the server already. */
struct bzctrl_answer *bzctrl_outbox_drop(struct bzctrl *client, int64_t id) BZCTRL_CHECK;

/* After the server was renamed, or moved with its database: what is in the outbox, which was for
 * the server of the URL `from`, goes to the server and account of the settings from now on; until
 * then reporting and sending answer BZCTRL_SETTINGS. Keys keep a server from storing a report
 * twice, but not two servers: what another server has stored, and could not say so, is stored
 * twice. BZCTRL_SETTINGS when the outbox has reports of another server than `from`. */
struct bzctrl_answer *bzctrl_outbox_move(struct bzctrl *client, const char *from) BZCTRL_CHECK;

/* Several in one transaction; those that are not there are passed over. */
struct bzctrl_answer *bzctrl_outbox_drop_all(struct bzctrl *client, const int64_t *ids,
                                             size_t count) BZCTRL_CHECK;

/* ---- looking up ---- */

/* One record, as JSON. */
struct bzctrl_answer *bzctrl_show(struct bzctrl *client, const char *record) BZCTRL_CHECK;

/* A page of records as JSON, {"items":[…],"next":"…"}. `filters` are the parameters of GET /tasks,
 * "tag=725462", "workspace=EXA-CON-BUS-WOR", "cursor=…", ended by NULL; "source=me" is what this
 * account has reported. */
struct bzctrl_answer *bzctrl_list(struct bzctrl *client, const char *const *filters) BZCTRL_CHECK;

/* A form of a workspace as JSON (`name` NULL: all of them); `part` "" for the form itself, "schema"
 * for its JSON Schema, "sample" for a filled-in report, as the member "body". */
struct bzctrl_answer *bzctrl_form(struct bzctrl *client, const char *workspace, const char *name,
                                  const char *part) BZCTRL_CHECK;

/* Holds a receipt against the server's history of the record: BZCTRL_OK, or BZCTRL_MISMATCH. */
struct bzctrl_answer *bzctrl_verify(struct bzctrl *client, const char *record,
                                    const char *receipt) BZCTRL_CHECK;

/* The library's version, "0.1.0". */
const char *bzctrl_version(void);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
