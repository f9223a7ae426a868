/*
 * The change feed: reads it page by page and keeps, in a file beside the outbox, where it is. The
 * file names the last page's cursor and which of the events after it are done with, so that only the
 * one that was being worked on when the process was killed comes a second time.
 */
#include "base/clock.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/percent.h"
#include "json/read.h"
#include "json/writer.h"
#include "lib/answer.h"
#include "lib/client.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum {
    NAME_MAX_LENGTH = 64,
    PAGE = 50,               /* events */
    WAIT_MAX = 55,           /* seconds; the server's */
    WAIT_SPARE = 5,          /* of a request's timeout, for everything but the waiting */
    PLACE_MAX = 1024 * 1024, /* bytes of the file */
};

struct watch_place {
    struct str file;
    struct str owner, filters; /* of the reader; the file's must be the same */
    struct str cursor;         /* absent: none yet */
    struct str done[PAGE];     /* ids of events after the cursor */
    size_t done_count;
};

/* ---- the file ---- */

static enum err place_find(struct bzctrl *client, struct op *op, const char *name,
                           const char *const *filters, struct watch_place *place)
{
    struct str word = str_of(name == NULL ? "default" : name), outbox;
    bool valid = word.n > 0 && word.n <= NAME_MAX_LENGTH;
    for (size_t i = 0; i < word.n && valid; i++)
        valid = strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.",
                       word.p[i]) != NULL;
    if (!valid)
        return op_fail(op, ERR_INVALID,
                       "the name must have 1 to %d letters, digits, \"-\", \"_\" or \".\"",
                       NAME_MAX_LENGTH);
    enum err err = client_outbox_file(client, op, &outbox);
    if (err == ERR_OK)
        err = client_owner(client, op, &place->owner);
    if (err != ERR_OK)
        return err;
    struct buf joined;
    buf_init(&joined, PLACE_MAX);
    for (size_t i = 0; filters != NULL && filters[i] != NULL; i++) {
        struct str value = str_of(filters[i]), parameter = str_cut(&value, '=');
        buf_char(&joined, '&');
        buf_percent(&joined, parameter, STR_NONE);
        buf_char(&joined, '=');
        buf_percent(&joined, value, STR_NONE);
    }
    err = buf_err(&joined);
    if (err == ERR_OK)
        err = arena_copy(op->arena, joined.n > 0 ? buf_str(&joined) : STR(""), &place->filters);
    buf_finish(&joined);
    place->file = arena_printf(op->arena, "%.*s-watch-%.*s", STR_ARG(outbox), STR_ARG(word));
    return err == ERR_OK && place->file.p == NULL ? ERR_MEMORY : err;
}

static enum err place_damaged(struct op *op, const struct watch_place *place)
{
    return op_fail(op, ERR_CORRUPT, "%.150s is damaged; remove it to begin again", place->file.p);
}

static enum err place_read(struct op *op, struct watch_place *place)
{
    struct op quiet = {.arena = op->arena};
    struct str text;
    const struct json *root;
    enum err err = secret_read(op, place->file, false, &text);
    if (err == ERR_NOT_FOUND) {
        op_forget(op);
        return ERR_OK;
    }
    if (err == ERR_OK)
        err =
            json_read(&quiet, op->arena, text, &root) == ERR_OK ? ERR_OK : place_damaged(op, place);
    if (err != ERR_OK)
        return err;
    const struct json *cursor = json_member(root, STR("cursor"));
    const struct json *done = json_member(root, STR("done"));
    place->cursor = json_text(cursor); /* null: in the first page of all events */
    if (cursor == NULL || (cursor->kind != JSON_TEXT && cursor->kind != JSON_NULL) ||
        done == NULL || done->kind != JSON_LIST || done->n > PAGE)
        return place_damaged(op, place);
    for (const struct json *id = done->first; id != NULL; id = id->next)
        place->done[place->done_count++] = json_text(id);
    if (!str_eq(json_text(json_member(root, STR("owner"))), place->owner) ||
        !str_eq(json_text(json_member(root, STR("filters"))), place->filters))
        return op_fail(op, ERR_SETTINGS,
                       "%.100s is the place of a watch with other filters, or on another server or "
                       "account; choose another name",
                       place->file.p);
    return ERR_OK;
}

static enum err place_write(struct op *op, const struct watch_place *place)
{
    struct buf text;
    struct json_writer json;
    buf_init(&text, PLACE_MAX);
    json_writer_init(&json, &text);
    json_begin_object(&json, NULL);
    json_put_text(&json, "owner", place->owner);
    json_put_text(&json, "filters", place->filters);
    json_put_text(&json, "cursor", place->cursor);
    json_put_texts(&json, "done", (struct str_list){place->done, place->done_count});
    json_end(&json);
    buf_char(&text, '\n');
    enum err err = buf_err(&text);
    if (err == ERR_OK)
        err = file_replace(op, place->file, buf_str(&text));
    buf_finish(&text);
    return err;
}

/* One process at a time: two would each do all events. */
static enum err place_lock(struct op *op, const struct watch_place *place, int *ret_fd)
{
    struct str name = arena_printf(op->arena, "%.*s-lock", STR_ARG(place->file));
    enum err err = name.p == NULL ? ERR_MEMORY : folders_make(op, name);
    if (err != ERR_OK)
        return err;
    int fd = open(name.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return op_fail(op, ERR_IO, "%.150s cannot be opened", name.p);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return op_fail(op, ERR_BUSY, "another process is watching with this name");
    }
    *ret_fd = fd;
    return ERR_OK;
}

/* ---- a page ---- */

/* Asks for the events after the cursor; without a cursor it begins at `from`. */
static enum err page_ask(struct bzctrl *client, struct bzctrl_answer *answer,
                         const struct watch_place *place, const char *from, int wait,
                         const struct json **ret_items, struct str *ret_next)
{
    struct op *op = &answer->op;
    struct buf url;
    struct fetch_answer got;
    const struct json *root;
    enum err err = client_url(client, op, "/changes?limit=", &url);
    if (err != ERR_OK)
        return err;
    buf_printf(&url, "%d&wait=%d%.*s", PAGE, wait, STR_ARG(place->filters));
    if (place->cursor.p != NULL || from != NULL) {
        BUF_LIT(&url, "&cursor=");
        buf_percent(&url, place->cursor.p != NULL ? place->cursor : str_of(from), STR_NONE);
    }
    struct fetch_request request = {.method = STR("GET")};
    err = buf_err(&url);
    if (err == ERR_OK)
        err = arena_copy(op->arena, buf_str(&url), &request.url);
    buf_finish(&url);
    if (err == ERR_OK)
        err = client_call(client, op, &request, client_deadline(client), &got);
    if (err != ERR_OK)
        return err;
    answer->status = got.status;
    err = arena_copy(op->arena, got.body, &answer->json);
    if (err == ERR_OK && got.status >= 400) {
        err = answer_problem(answer, answer->json);
        return err != ERR_OK ? err : got.status == 403 ? ERR_FORBIDDEN : ERR_INVALID;
    }
    if (err == ERR_OK)
        err = json_read(op, op->arena, answer->json, &root);
    if (err != ERR_OK)
        return err == ERR_MEMORY ? err : ERR_UNAVAILABLE;
    *ret_items = json_member(root, STR("items"));
    *ret_next = json_text(json_member(root, STR("next")));
    if (*ret_items == NULL || (*ret_items)->kind != JSON_LIST || (*ret_items)->n > PAGE ||
        ret_next->p == NULL)
        return op_fail(op, ERR_UNAVAILABLE, "the server's answer has no events");
    return ERR_OK;
}

static bool is_done(const struct watch_place *place, struct str id)
{
    for (size_t i = 0; i < place->done_count; i++)
        if (str_eq(place->done[i], id))
            return true;
    return false;
}

/* On one line. */
static enum err compact(struct op *op, struct str raw, struct str *ret_json)
{
    struct buf buf;
    buf_init(&buf, raw.n + 1);
    buf_json_compact(&buf, raw);
    enum err err = buf_err(&buf);
    if (err == ERR_OK)
        err = arena_copy(op->arena, buf_str(&buf), ret_json);
    buf_finish(&buf);
    return err;
}

static enum err item_read(struct op *op, const struct json *item, struct bzctrl_event *ret_event)
{
    const struct json *seq = json_member(item, STR("seq"));
    struct str domain = json_text(json_member(item, STR("domain"))), action, key, json;
    if (domain.p == NULL || seq == NULL || seq->kind != JSON_NUMBER || !(seq->number < 1e15))
        return op_fail(op, ERR_UNAVAILABLE, "the server's answer has an event without a place");
    struct str id = arena_printf(op->arena, "%.*s:%lld", STR_ARG(domain), (long long)seq->number);
    enum err err = arena_copy(op->arena, json_text(json_member(item, STR("action"))), &action);
    if (err == ERR_OK)
        err = arena_copy(op->arena, json_text(json_member(item, STR("key"))), &key);
    if (err == ERR_OK)
        err = compact(op, item->raw, &json);
    if (err != ERR_OK || id.p == NULL)
        return ERR_MEMORY;
    *ret_event =
        (struct bzctrl_event){.id = id.p, .action = action.p, .key = key.p, .json = json.p};
    return ERR_OK;
}

/* Does the events of a page, and keeps after each that it is done. */
static enum err page_do(struct op *op, struct watch_place *place, const struct json *items,
                        struct str next, bzctrl_on_event *on_event, void *arg, bool *ret_ended)
{
    enum err err = ERR_OK;
    for (const struct json *item = items->first; item != NULL && err == ERR_OK; item = item->next) {
        struct bzctrl_event event = {0};
        err = item_read(op, item, &event);
        if (err != ERR_OK || is_done(place, str_of(event.id)))
            continue;
        if (on_event(arg, &event) != 0) {
            *ret_ended = true;
            return ERR_OK;
        }
        if (item->next == NULL)
            break;
        if (place->done_count == PAGE) /* a page of others than those before: it has grown */
            place->done_count = 0;
        place->done[place->done_count++] = str_of(event.id);
        err = place_write(op, place);
    }
    if (err == ERR_OK && !str_eq(next, place->cursor)) {
        place->cursor = next;
        place->done_count = 0;
        err = place_write(op, place);
    }
    return err;
}

static enum err watch(struct bzctrl *client, struct bzctrl_answer *answer,
                      struct watch_place *place, int wait, int flags, bzctrl_on_event *on_event,
                      void *arg)
{
    struct op *op = &answer->op;
    const struct json *items;
    struct str next;
    bool ended = false;
    int64_t most = settings_number(&client->settings, SETTING_TIMEOUT) - WAIT_SPARE;
    wait = wait > WAIT_MAX ? WAIT_MAX : wait;
    wait = wait > most ? (int)most : wait;
    enum err err = place_read(op, place);
    /* Where it begins must be kept before anything else, or what happens now would be missed. */
    if (err == ERR_OK && place->cursor.p == NULL && place->done_count == 0 &&
        (flags & BZCTRL_FROM_START) == 0) {
        err = page_ask(client, answer, place, "now", 0, &items, &next);
        if (err == ERR_OK) {
            place->cursor = next;
            err = place_write(op, place);
        }
    }
    if (err == ERR_OK)
        err = page_ask(client, answer, place, NULL, wait < 0 ? 0 : wait, &items, &next);
    if (err == ERR_OK)
        err = page_do(op, place, items, next, on_event, arg, &ended);
    if (err == ERR_OK && ended)
        answer->code = BZCTRL_QUEUED;
    return err;
}

struct bzctrl_answer *bzctrl_watch(struct bzctrl *client, const char *name,
                                   const char *const *filters, int wait, int flags,
                                   bzctrl_on_event *on_event, void *arg)
{
    enum err err;
    int lock = -1;
    struct bzctrl_answer *answer = answer_begin_with(client, &err);
    struct watch_place *place = NULL;
    if (err == ERR_OK && on_event == NULL)
        err = op_fail(&answer->op, ERR_MISUSE, "no function for the events was given");
    if (err == ERR_OK)
        place = ARENA_NEW(&answer->arena, struct watch_place);
    if (err == ERR_OK && place == NULL)
        err = ERR_MEMORY;
    if (err == ERR_OK)
        err = place_find(client, &answer->op, name, filters, place);
    if (err == ERR_OK)
        err = place_lock(&answer->op, place, &lock);
    if (err == ERR_OK)
        err = watch(client, answer, place, wait, flags, on_event, arg);
    if (err == ERR_INVALID && place != NULL && place->file.p != NULL)
        err = op_fail(&answer->op, err, "the server refuses the place that %.150s keeps",
                      place->file.p);
    if (lock >= 0)
        close(lock);
    return answer_end(answer, err);
}
