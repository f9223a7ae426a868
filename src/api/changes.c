/* GET /changes: the change feed, as a page, a page that waits, or a stream of events. */
#include "api/api.h"
#include "api/authentication.h"
#include "api/feed.h"
#include "api/handlers.h"
#include "api/query.h"
#include "base/clock.h"
#include "base/container.h"
#include "core/feed.h"
#include "model/comment.h"
#include "model/event_json.h"
#include "model/key.h"

#include <stdlib.h>

enum {
    WAIT_MAX = 55,     /* seconds; proxies give up after 60 */
    ROWS_AT_ONCE = 16, /* of a chain, each of some megabytes at most */
    ROWS_IN_A_PIECE =
        1024, /* that may be read for a piece in vain; a large one counts as several */
    ROW_BYTES = 64 * 1024,
    COMMENT_MS = 15 * 1000, /* a stream says something at least as often */
    CHECK_MS = 15 * 1000,   /* how often the token is looked at again */
    RETRY_MS = 2000,        /* after which a client of a stream that has ended should come again */
};

enum answer_kind { KIND_PAGE, KIND_STREAM };

/* A reader of the feed. What a piece on the lane finds is in struct pass until it is installed. */
struct feed_reader {
    struct feed_listener listener;
    struct feed_filter filter;
    enum answer_kind kind;
    bool from_now;             /* it begins with what comes next */
    struct feed_positions at;  /* how far it is; once `joined`, memory of its own */
    bool joined;               /* it is one of the feed's listeners */
    int64_t wait_until;        /* clock_ticks() up to which a page waits */
    int64_t spoke_at;          /* … and when a stream last said something */
    int64_t checked_at;        /* … and when its token was looked at */
    int64_t directory_version; /* by which its events were last chosen from the database */
    bool moved;                /* the client does not know how far it is */
    uint64_t ring;             /* the next number in the ring that it has not looked at */
    bool ring_taken;           /* the last piece was read after `ring` had been taken */
    bool live;                 /* the database has nothing that the ring has not */
    const char *over;          /* why it ends; NULL: it does not */
};

/* What is at call->state: the same again if the piece is made again. */
struct pass {
    struct feed_reader *reader;
    struct feed_positions at; /* in the arena, up to `made` */
    int64_t left;             /* events that a page may still have */
    bool any;                 /* there was one */
    bool caught_up;           /* all was read that there is */
};

static struct pass *pass_of(const struct call *call)
{
    return call->state;
}

/* ---- what is sent ---- */

/* Keys in capitals; what cannot be a key names nothing. */
static enum err query_keys(struct call *call, const char *parameter, struct str_list *ret_keys)
{
    enum err err = call_query_all(call, parameter, ret_keys);
    struct str *keys = err == ERR_OK ? ARENA_ARRAY(call->op.arena, struct str, ret_keys->n) : NULL;
    if (keys == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < ret_keys->n; i++)
        if (key_read(call->op.arena, ret_keys->items[i], &keys[i]) == ERR_MEMORY)
            return ERR_MEMORY;
    ret_keys->items = keys;
    return ERR_OK;
}

/* Accounts by their address or client id, or "me"; an unknown one is the source of nothing. */
static enum err query_sources(struct call *call, struct feed_filter *filter)
{
    struct str_list names;
    enum err err = call_query_all(call, "source", &names);
    int64_t *ids = err == ERR_OK ? ARENA_ARRAY(call->op.arena, int64_t, names.n) : NULL;
    if (ids == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < names.n; i++) {
        const struct account *account = str_eq(names.items[i], STR("me"))
                                            ? call->caller
                                            : directory_account(call->directory, names.items[i]);
        ids[i] = account == NULL ? -1 : account->id;
    }
    filter->sources = ids;
    filter->source_count = names.n;
    filter->by_source = names.n > 0;
    return ERR_OK;
}

static enum err query_wait(struct call *call, struct feed_reader *reader)
{
    struct str text = call_query(call, "wait");
    uint64_t seconds = 0;
    if (text.p != NULL && !str_to_u64(text, WAIT_MAX, &seconds))
        return call_refuse(call, 400,
                           "wait must be a number of seconds from 0 to %d, not \"%.*s\".", WAIT_MAX,
                           STR_ARG(str_sub(text, 0, 100)));
    reader->wait_until = seconds == 0 ? 0 : clock_ticks() + (int64_t)seconds * 1000;
    return ERR_OK;
}

/* Where to begin: what an event stream had last, or what the query says. */
static enum err query_cursor(struct call *call, struct feed_reader *reader)
{
    struct str text = call_query(call, "cursor");
    struct str last = http_header_get(call->request, STR("last-event-id"));
    if (reader->kind == KIND_STREAM && last.n > 0)
        text = last;
    reader->from_now = str_eq(text, STR("now"));
    if (text.p == NULL || reader->from_now)
        return ERR_OK;
    enum err err =
        feed_cursor_read(&call->op, core_feed_key(api_core(call->api)), text, &reader->at);
    return err == ERR_SYNTAX ? call_cursor_unknown(call) : err;
}

/* Does the caller want a stream? Whoever names the type in Accept does. */
static bool wants_stream(const struct call *call)
{
    struct str types = http_header_get(call->request, STR("accept"));
    while (types.p != NULL) {
        struct str type = str_cut(&types, ',');
        if (str_eq_case(str_trim(str_cut(&type, ';')), STR("text/event-stream")))
            return true;
    }
    return false;
}

static enum err changes_query(struct call *call, struct feed_reader *reader, int64_t *ret_limit)
{
    static const char *const of_page[] = {"cursor",  "domain*", "workspace*", "source*",
                                          "action*", "limit",   "wait",       NULL};
    static const char *const of_stream[] = {"cursor",  "domain*", "workspace*",
                                            "source*", "action*", NULL};
    reader->kind = wants_stream(call) ? KIND_STREAM : KIND_PAGE;
    enum err err = call_query_accept(call, reader->kind == KIND_STREAM ? of_stream : of_page);
    if (err == ERR_OK)
        err = call_query_limit(call, ret_limit);
    if (err == ERR_OK)
        err = query_wait(call, reader);
    if (err == ERR_OK)
        err = query_keys(call, "domain", &reader->filter.domains);
    if (err == ERR_OK)
        err = query_keys(call, "workspace", &reader->filter.workspaces);
    if (err == ERR_OK)
        err = call_query_all(call, "action", &reader->filter.actions);
    if (err == ERR_OK)
        err = query_sources(call, &reader->filter);
    return err == ERR_OK ? query_cursor(call, reader) : err;
}

/* ---- what is written ---- */

static void put_cursor(struct call *call, const struct feed_positions *at)
{
    buf_feed_cursor(&call->body, core_feed_key(api_core(call->api)), at);
}

/* The end of a page. */
static void page_close(struct call *call, const struct feed_positions *at)
{
    json_end(&call->json);
    json_put_begin(&call->json, "next");
    buf_char(&call->body, '"');
    put_cursor(call, at);
    buf_char(&call->body, '"');
    json_end(&call->json);
}

/* The lines before an event's data. */
static void put_event_head(struct call *call, const struct feed_positions *at, struct str action)
{
    BUF_LIT(&call->body, "id: ");
    put_cursor(call, at);
    buf_printf(&call->body, "\nevent: %.*s\ndata: ", STR_ARG(action));
}

/* An id without an event: a client that comes again continues from there. */
static void put_id(struct call *call, const struct feed_positions *at)
{
    BUF_LIT(&call->body, "id: ");
    put_cursor(call, at);
    BUF_LIT(&call->body, "\n\n");
}

/* ---- on the read lane ---- */

static enum err pass_put(struct call *call, struct pass *pass, const struct feed_entry *entry)
{
    const struct event *event = &entry->event;
    struct feed_subject subject = {.domain_id = event->domain_id,
                                   .workspace_id = entry->workspace_id,
                                   .source_id = entry->source_id,
                                   .action = event->action,
                                   .key = event->key};
    if (call->caller->kind != ACCOUNT_PERSON &&
        comment_event_hidden(call->op.arena, event->action, event->payload, &subject.internal) !=
            ERR_OK)
        return ERR_MEMORY;
    struct str domain = feed_domain_key(call->directory, event->domain_id);
    if (!feed_position_set(&pass->at, entry->ordinal, event->seq))
        return ERR_TOO_LONG;
    if (!feed_shows(&pass->reader->filter, call->directory, call->caller, &subject))
        return ERR_OK;
    if (pass->reader->kind == KIND_PAGE) {
        event_encode(&call->json, event, call->directory, domain);
        pass->left--;
    } else {
        put_event_head(call, &pass->at, event->action);
        event_encode_line(&call->body, event, call->directory, domain);
        BUF_LIT(&call->body, "\n\n");
    }
    pass->any = true;
    return ERR_OK;
}

/* Is there room for another event in this piece? */
static bool pass_has_room(const struct call *call, const struct pass *pass)
{
    return call->body.n < CALL_PIECE && pass->left > 0;
}

/* What is new in a chain, as far as there is room; *rows is how many more rows may be read. */
static enum err chain_pass(struct call *call, struct pass *pass, const struct feed_head *head,
                           int64_t *rows)
{
    int64_t seq = feed_position(&pass->at, head->ordinal);
    struct feed_entries entries = {0};
    enum err err = ERR_OK;
    while (seq < head->seq && *rows > 0 && err == ERR_OK && pass_has_room(call, pass)) {
        struct arena_mark mark = arena_mark(call->op.arena);
        err = store_feed_after(call->db, &call->op, head, seq, ROWS_AT_ONCE, &entries);
        if (err == ERR_OK && entries.n == 0)
            return op_fail(&call->op, ERR_CORRUPT, "the history lacks event %lld of a domain",
                           (long long)seq + 1);
        for (size_t i = 0; i < entries.n && err == ERR_OK && pass_has_room(call, pass); i++) {
            err = pass_put(call, pass, &entries.items[i]);
            seq = entries.items[i].event.seq;
            *rows -= 1 + (int64_t)(entries.items[i].event.payload.n / ROW_BYTES);
        }
        arena_rewind(call->op.arena, mark); /* of what is not shown, nothing remains */
    }
    pass->caught_up = pass->caught_up && seq == head->seq;
    return err;
}

/* Room for each chain that a cursor may have; the reader's own has just as much as it needs. */
static enum err pass_begin(struct call *call, struct pass *pass)
{
    const struct feed_positions *at = &pass->reader->at;
    pass->at = (struct feed_positions){
        .items = ARENA_ARRAY(call->op.arena, struct feed_position, FEED_CHAINS_MAX),
        .n = at->n,
        .max = FEED_CHAINS_MAX};
    if (pass->at.items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < at->n; i++)
        pass->at.items[i] = at->items[i];
    pass->caught_up = true;
    return ERR_OK;
}

static enum err refuse_too_many(struct call *call)
{
    return call_refuse(call, 400,
                       "There are more than %d domains, too many for one cursor; read them part by "
                       "part with the parameter domain.",
                       FEED_CHAINS_MAX);
}

/* What is not shown is passed over for good, so this is judged by what the view has of people and workspaces. The
 * caller is gone: nothing is shown, and the next look ends it. */
static enum err directory_renew(struct call *call)
{
    const struct directory *directory;
    enum err err = core_directory_of_view(api_core(call->api), call->db, &call->op, &directory);
    if (err != ERR_OK)
        return err;
    directory_release(call->directory);
    call->directory = directory;
    call->caller = directory_account_by_id(directory, pass_of(call)->reader->listener.account_id);
    return ERR_OK;
}

static enum err changes_more(struct call *call, bool *ret_last)
{
    struct pass *pass = pass_of(call);
    struct feed_reader *reader = pass->reader;
    struct feed_heads heads;
    int64_t rows = ROWS_IN_A_PIECE;
    enum err err = pass_begin(call, pass);
    if (err == ERR_OK)
        err = store_feed_heads(call->db, &call->op, &heads);
    if (err == ERR_OK)
        err = directory_renew(call);
    for (size_t i = 0; err == ERR_OK && call->caller != NULL && i < heads.n; i++) {
        const struct feed_head *head = &heads.items[i];
        int64_t seq = feed_position(&pass->at, head->ordinal);
        if (!feed_shows_chain(&reader->filter, call->directory, call->caller, head->domain_id))
            continue;
        /* Only a copy of the store that is older than the cursor can be so short. */
        if (seq > head->seq)
            return call_refuse(call, 400,
                               "The history ends before this cursor, as after a restore from a "
                               "backup; begin again without it.");
        if (!reader->from_now)
            err = chain_pass(call, pass, head, &rows);
        else if (head->seq > 0 && !feed_position_set(&pass->at, head->ordinal, head->seq))
            err = ERR_TOO_LONG;
    }
    if (err == ERR_TOO_LONG)
        return refuse_too_many(call);
    if (err != ERR_OK)
        return err;
    bool waits = reader->wait_until > clock_ticks() && !api_stopping(call->api);
    *ret_last = reader->kind == KIND_PAGE &&
                (pass->left == 0 || (pass->caught_up && (pass->any || !waits)));
    if (*ret_last)
        page_close(call, &pass->at);
    return ERR_OK;
}

/* ---- on the network thread ---- */

static void changes_let_go(struct call *call)
{
    struct feed_reader *reader = pass_of(call)->reader;
    feed_leave(api_feed(call->api), &reader->listener);
    free(reader->at.items);
}

/* Sets a position in the reader's own memory. */
static enum err reader_advance(struct feed_reader *reader, int64_t ordinal, int64_t seq)
{
    struct feed_positions *at = &reader->at;
    if (feed_position_set(at, ordinal, seq))
        return ERR_OK;
    size_t max = at->max + 4 > FEED_CHAINS_MAX ? FEED_CHAINS_MAX : at->max + 4;
    struct feed_position *items =
        max > at->max ? realloc(at->items, max * sizeof at->items[0]) : NULL;
    if (items == NULL)
        return ERR_MEMORY;
    at->items = items;
    at->max = max;
    return feed_position_set(at, ordinal, seq) ? ERR_OK : ERR_MEMORY;
}

/* Takes over how far a piece has come. */
static enum err changes_made(struct call *call)
{
    struct pass *pass = pass_of(call);
    struct feed_reader *reader = pass->reader;
    if (!reader->joined) {
        if (feed_join(api_feed(call->api), &reader->listener) != ERR_OK)
            return call_refuse(call, 429,
                               "This account already reads the feed in %d places, the maximum; end "
                               "some of them.",
                               FEED_LISTENERS_MAX);
        reader->joined = true;
        reader->at = (struct feed_positions){0};
        call->let_go = changes_let_go;
    }
    if (reader->at.max < pass->at.n) {
        struct feed_position *items =
            realloc(reader->at.items, pass->at.n * sizeof pass->at.items[0]);
        if (items == NULL)
            return ERR_MEMORY;
        reader->at.items = items;
        reader->at.max = pass->at.n;
    }
    for (size_t i = 0; i < pass->at.n; i++)
        reader->at.items[i] = pass->at.items[i];
    reader->at.n = pass->at.n;
    /* With the first piece a stream's client learns where it begins. */
    if (reader->from_now && reader->kind == KIND_STREAM)
        put_id(call, &reader->at);
    reader->moved = !reader->from_now;
    reader->from_now = false;
    reader->live = reader->ring_taken && pass->caught_up;
    reader->spoke_at = call->body.n > 0 ? clock_ticks() : reader->spoke_at;
    return buf_err(&call->body);
}

/* The last piece, which says why it is the last. */
static enum call_next reader_end(struct call *call, const char *why)
{
    struct feed_reader *reader = pass_of(call)->reader;
    if (reader->kind == KIND_PAGE)
        page_close(call, &reader->at);
    else
        buf_printf(&call->body, ": %s\nretry: %d\n\n", why, RETRY_MS);
    return CALL_NEXT_LAST;
}

/* An event of the ring, of a chain that the reader is at. */
static enum err ring_put(struct call *call, const struct directory *directory,
                         const struct account *account, const struct feed_item *item)
{
    struct pass *pass = pass_of(call);
    struct feed_reader *reader = pass->reader;
    struct feed_subject subject = {.domain_id = item->domain_id,
                                   .workspace_id = item->workspace_id,
                                   .source_id = item->source_id,
                                   .action = item->action,
                                   .key = item->key,
                                   .internal = item->internal};
    enum err err = reader_advance(reader, item->ordinal, item->seq);
    if (err != ERR_OK)
        return err;
    reader->moved = true;
    if (!feed_shows(&reader->filter, directory, account, &subject))
        return ERR_OK;
    if (reader->kind == KIND_PAGE) {
        json_put_raw(&call->json, NULL, item->json);
        pass->left--;
    } else {
        put_event_head(call, &reader->at, item->action);
        buf_add(&call->body, item->json);
        BUF_LIT(&call->body, "\n\n");
        reader->moved = false;
    }
    pass->any = true;
    return ERR_OK;
}

/* Goes through the ring. Where that does not join on to what the reader has, it is live no more. */
static enum err ring_read(struct call *call, const struct directory *directory,
                          const struct account *account)
{
    struct pass *pass = pass_of(call);
    struct feed_reader *reader = pass->reader;
    struct feed *feed = api_feed(call->api);
    enum err err = ERR_OK;
    reader->live = reader->ring >= feed_first(feed);
    while (reader->live && reader->ring < feed_end(feed) && err == ERR_OK &&
           pass_has_room(call, pass)) {
        const struct feed_item *item = feed_item(feed, reader->ring);
        int64_t seq = feed_position(&reader->at, item->ordinal);
        if (item->seq > seq &&
            feed_shows_chain(&reader->filter, directory, account, item->domain_id)) {
            reader->live = item->seq == seq + 1;
            if (!reader->live)
                break;
            err = ring_put(call, directory, account, item);
        }
        reader->ring++;
    }
    return err;
}

/* Lets go of the directory, which may be an old one by the time that it is wanted again. */
static enum call_next reader_wait(struct call *call, int64_t due)
{
    struct feed_reader *reader = pass_of(call)->reader;
    if (call->directory != NULL)
        directory_release(call->directory);
    call->directory = NULL;
    call->caller = NULL;
    feed_wait(api_feed(call->api), &reader->listener, due);
    return CALL_NEXT_WAIT;
}

/* Has the next piece read from the database, by the directory in force. What the ring gets from
 * here on joins on to it. */
static enum call_next reader_read(struct call *call)
{
    struct feed_reader *reader = pass_of(call)->reader;
    reader->ring = feed_end(api_feed(call->api));
    reader->ring_taken = true;
    if (call->directory != NULL)
        directory_release(call->directory);
    call->directory = core_directory(api_core(call->api));
    call->caller = directory_account_by_id(call->directory, reader->listener.account_id);
    call->op.now = clock_now();
    if (call->caller == NULL)
        return reader_end(call, "the account is gone");
    return CALL_NEXT_MORE;
}

/* What the ring has for the reader, or else when it is looked at again. */
static enum call_next reader_listen(struct call *call, const struct directory *directory,
                                    const struct account *account)
{
    struct pass *pass = pass_of(call);
    struct feed_reader *reader = pass->reader;
    int64_t now = clock_ticks();
    enum err err = ring_read(call, directory, account);
    if (err == ERR_OK && call->body.n > 0 && reader->kind == KIND_STREAM) {
        reader->spoke_at = now;
        return CALL_NEXT_PIECE;
    }
    if (err != ERR_OK)
        return reader_end(call, "out of memory");
    if (reader->kind == KIND_PAGE && (pass->any || now >= reader->wait_until))
        return reader_end(call, "");
    if (!reader->live)
        return reader_read(call);
    if (reader->kind == KIND_STREAM && now - reader->spoke_at >= COMMENT_MS) {
        BUF_LIT(&call->body, ":\n");
        if (reader->moved)
            put_id(call, &reader->at);
        else
            BUF_LIT(&call->body, "\n");
        reader->moved = false;
        reader->spoke_at = now;
        return CALL_NEXT_PIECE;
    }
    return reader_wait(call, reader->kind == KIND_STREAM ? reader->spoke_at + COMMENT_MS
                                                         : reader->wait_until);
}

static enum call_next changes_next(struct call *call)
{
    struct feed_reader *reader = pass_of(call)->reader;
    const struct directory *directory = feed_directory(api_feed(call->api));
    const struct account *account = directory_account_by_id(directory, reader->listener.account_id);
    if (api_stopping(call->api))
        return reader_end(call, "the server stops");
    if (reader->over != NULL || account == NULL)
        return reader_end(call, reader->over == NULL ? "the account is gone" : reader->over);
    if (clock_now() >= call->grant.expires_at)
        return reader_end(call, "the token has expired");
    if (directory->version != reader->directory_version ||
        clock_ticks() - reader->checked_at >= CHECK_MS)
        return CALL_NEXT_STEP;
    return reader->live ? reader_listen(call, directory, account) : reader_read(call);
}

/* Does the caller still see any domain that the reader asks for? */
static bool sees_any(const struct call *call, const struct feed_reader *reader)
{
    const struct directory *directory = call->directory;
    bool sees = feed_shows_chain(&reader->filter, directory, call->caller, 0);
    for (size_t i = 0; i < directory->domain_count && !sees; i++)
        sees = feed_shows_chain(&reader->filter, directory, call->caller, directory->domains[i].id);
    return sees;
}

/* What the caller may see is read again when the directory has changed: it may be more. */
static void checked(struct call *call, enum err err)
{
    struct feed_reader *reader = pass_of(call)->reader;
    if (err != ERR_OK)
        reader->over = "the token is valid no more";
    else if (!sees_any(call, reader))
        reader->over = "there is nothing any more that you may see here";
    reader->checked_at = clock_ticks();
    if (reader->directory_version != call->directory->version)
        reader->live = false;
    reader->directory_version = call->directory->version;
    call_stream_go_on(call);
}

static void changes_step(struct call *call)
{
    struct feed_reader *reader = pass_of(call)->reader;
    call->caller = NULL;
    if (call->directory == NULL)
        call->directory = core_directory(api_core(call->api));
    call->caller = directory_account_by_id(call->directory, reader->listener.account_id);
    if (call_authenticate_again(call, checked) != ERR_OK) {
        reader->over = "out of memory";
        call_stream_go_on(call);
    }
}

/* ---- the handler ---- */

enum err change_list(struct call *call)
{
    static const struct http_header headers[] = {
        {STR_INIT("X-Accel-Buffering"), STR_INIT("no")}, /* nginx passes on what it gets */
    };
    struct feed_reader *reader = ARENA_NEW(call->op.arena, struct feed_reader);
    struct pass *pass = ARENA_NEW(call->op.arena, struct pass);
    int64_t limit;
    if (reader == NULL || pass == NULL)
        return ERR_MEMORY;
    enum err err = changes_query(call, reader, &limit);
    if (err != ERR_OK)
        return err;
    reader->listener = (struct feed_listener){.call = call, .account_id = call->caller->id};
    reader->directory_version = call->directory->version;
    reader->checked_at = reader->spoke_at = clock_ticks();
    *pass =
        (struct pass){.reader = reader, .left = reader->kind == KIND_STREAM ? INT64_MAX : limit};
    call->state = pass;
    struct call_stream stream = {.more = changes_more,
                                 .state_size = sizeof *pass,
                                 .length = HTTP_LENGTH_UNKNOWN,
                                 .made = changes_made,
                                 .next = changes_next,
                                 .step = changes_step};
    if (reader->kind == KIND_PAGE)
        call_items_begin(call);
    else
        buf_printf(&call->body, "retry: %d\n\n", RETRY_MS);
    return call_answer_stream(
        call, 200, reader->kind == KIND_PAGE ? STR("application/json") : STR("text/event-stream"),
        headers, reader->kind == KIND_STREAM, &stream);
}
