/*
 * GET /tasks/{key}/evidence: one zip (evidence/zip.h), made in pieces.
 *
 * The record is read with the first piece, its comments and attachments with the next ones. Should
 * the record change in the meantime, the answer is cut off: half of it would be of another time. Then come
 * the links of the chain, which never change, up to what was the newest event at the beginning.
 */
#include "evidence/evidence.h"

#include "api/api.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/record.h"
#include "core/feed.h"
#include "evidence/zip.h"
#include "model/date.h"
#include "model/key.h"
#include "store/attachment.h"
#include "store/comment.h"
#include "store/feed.h"
#include "store/task.h"

enum {
    MEMBER_PIECE = 256 * 1024,        /* bytes of lines in a member, and of an answer's piece */
    MEMBER_MAX = CALL_ANSWER_MAX,     /* the last line may go beyond that by so much */
    COMMENTS_READ = 16,               /* at once: each can have 64 Ki characters */
    LINKS_READ = 512,                 /* at once */
    CHUNKS_SUMMED = 64,               /* of an attachment, in one piece that sends nothing */
    DIRECTORY_MAX = 64 * 1024 * 1024, /* bytes: of some 200,000 attachments */
};

/* What is left to be sent, in this order. */
enum evidence_stage { STAGE_COMMENTS, STAGE_ATTACHMENTS, STAGE_HISTORY, STAGE_DIRECTORY };

/* What stays where it is: the answer's headers, and the directory of the members that are out. */
struct evidence_file {
    struct buf directory;
    bool held; /* call->let_go gives it back */
    char etag[64], disposition[KEY_MAX + 64];
};

/* How far the file is. */
struct evidence_walk {
    struct evidence_file *file;
    struct zip_place place;
    struct str entries; /* of the directory: those of this piece */
    enum evidence_stage stage;
    bool begun; /* the first piece is made */
    struct record_watch watch;
    int64_t version;
    bool person;            /* a client sees less */
    struct feed_head chain; /* its seq: the newest event that goes in */
    int64_t seq;            /* of the last event that is out */
    int64_t before;         /* the id of the last comment or attachment that is out */
    int64_t number;         /* of the last member in its folder */
    /* The attachment that is being sent; at first its bytes are summed up. */
    int64_t content_id, chunk, chunks;
    uint32_t size, crc;
    bool summed;
    char path[ZIP_NAME_MAX];
    uint64_t sent; /* bytes of the directory */
};

/* ---- members ---- */

/* Takes over the entries that a piece has added, and its error. */
static enum err entries_take(struct call *call, struct evidence_walk *walk, struct buf *entries)
{
    enum err err = buf_err(entries);
    if (err == ERR_OK)
        err = arena_copy(call->op.arena, buf_str(entries), &walk->entries);
    buf_finish(entries);
    return err;
}

/* Begins with those that this piece has already. */
static void entries_init(struct buf *entries, const struct evidence_walk *walk)
{
    buf_init(entries, DIRECTORY_MAX);
    buf_add(entries, walk->entries);
}

/* Adds a member whose bytes are there. */
static enum err member_put(struct call *call, struct evidence_walk *walk, struct str name,
                           struct buf *bytes)
{
    struct buf entries;
    enum err err = buf_err(bytes);
    entries_init(&entries, walk);
    if (err == ERR_OK)
        zip_member_add(&call->body, &entries, &walk->place, name, buf_str(bytes));
    buf_finish(bytes);
    enum err taken = entries_take(call, walk, &entries);
    return err == ERR_OK ? taken : err;
}

/* The next one of a folder; none if there are no lines. */
static enum err lines_put(struct call *call, struct evidence_walk *walk, const char *folder,
                          struct buf *lines)
{
    if (lines->n == 0 && lines->err == ERR_OK) {
        buf_finish(lines);
        return ERR_OK;
    }
    struct str name =
        arena_printf(call->op.arena, "%s%06lld.ndjson", folder, (long long)++walk->number);
    return name.p == NULL ? ERR_MEMORY : member_put(call, walk, name, lines);
}

/* ---- comments ---- */

static enum err comments_put(struct call *call, struct evidence_walk *walk)
{
    struct comment_list comments;
    struct buf lines;
    enum err err = ERR_OK;
    buf_init(&lines, MEMBER_MAX);
    do {
        err = store_comments_before(call->db, &call->op, walk->watch.task_id, walk->before,
                                    walk->person, COMMENTS_READ, &comments);
        for (size_t i = 0; err == ERR_OK && i < comments.n; i++) {
            struct json_writer json;
            json_writer_init(&json, &lines);
            json_put_comment(&json, &comments.items[i], call->directory);
            buf_char(&lines, '\n');
            walk->before = comments.items[i].id;
        }
    } while (err == ERR_OK && comments.n == COMMENTS_READ && lines.n < MEMBER_PIECE);
    if (err != ERR_OK) {
        buf_finish(&lines);
        return err;
    }
    err = lines_put(call, walk, EVIDENCE_COMMENTS, &lines);
    if (err == ERR_OK && comments.n < COMMENTS_READ) {
        walk->stage = STAGE_ATTACHMENTS;
        walk->before = INT64_MAX;
    }
    return err;
}

/* ---- attachments ---- */

/* The next attachment; after the last one all that can change has been read. */
static enum err attachment_begin(struct call *call, struct evidence_walk *walk)
{
    struct attachment_list list;
    int64_t version, parent;
    enum err err =
        store_attachments_before(call->db, &call->op, walk->watch.task_id, walk->before, 1, &list);
    if (err != ERR_OK)
        return err;
    if (list.n > 0) {
        const struct attachment *attachment = &list.items[0];
        walk->before = attachment->id;
        walk->content_id = attachment->content_id;
        walk->size = (uint32_t)attachment->size;
        walk->chunks = (attachment->size + CONTENT_CHUNK - 1) / CONTENT_CHUNK;
        walk->chunk = 0;
        walk->crc = 0;
        walk->summed = false;
        snprintf(walk->path, sizeof walk->path, EVIDENCE_ATTACHMENTS "%lld/%.*s",
                 (long long)attachment->id, STR_ARG(attachment->name));
        return ERR_OK;
    }
    err = store_task_version(call->db, &call->op, walk->watch.task_id, &version, &parent);
    if (err == ERR_OK && version != walk->version)
        return op_fail(&call->op, ERR_CONFLICT,
                       "the record was changed while its evidence was made");
    walk->stage = STAGE_HISTORY;
    walk->number = 0;
    return err;
}

static enum err chunk_read(struct call *call, struct evidence_walk *walk, struct str *ret_bytes)
{
    enum err err = store_chunk_get(call->db, &call->op, walk->content_id, walk->chunk, ret_bytes);
    if (err == ERR_OK && ret_bytes->n == 0)
        return op_fail(&call->op, ERR_CONFLICT,
                       "an attachment was deleted while the evidence was made");
    walk->chunk++;
    return err;
}

/* A member's head has its check sum, so the bytes are read twice: first to sum them up. */
static enum err attachment_put(struct call *call, struct evidence_walk *walk)
{
    struct str bytes;
    enum err err = ERR_OK;
    if (walk->chunks == 0)
        return attachment_begin(call, walk);
    if (walk->summed) {
        err = chunk_read(call, walk, &bytes);
        if (err == ERR_OK)
            buf_add(&call->body, bytes);
        if (walk->chunk == walk->chunks)
            walk->chunks = 0;
        return err;
    }
    for (int i = 0; i < CHUNKS_SUMMED && walk->chunk < walk->chunks && err == ERR_OK; i++) {
        struct arena_mark mark = arena_mark(call->op.arena);
        err = chunk_read(call, walk, &bytes);
        if (err == ERR_OK)
            walk->crc = zip_crc(walk->crc, bytes);
        arena_rewind(call->op.arena, mark);
    }
    if (err != ERR_OK || walk->chunk < walk->chunks)
        return err;
    struct buf entries;
    entries_init(&entries, walk);
    zip_member_begin(&call->body, &entries, &walk->place,
                     &(struct zip_member){str_of(walk->path), walk->size, walk->crc});
    walk->chunk = 0;
    walk->summed = true;
    return entries_take(call, walk, &entries);
}

/* ---- history ---- */

/* What the caller may see of an event: of the record's own what it says, of others their links if
 * the change feed would show them. */
static enum err line_put(struct call *call, const struct evidence_walk *walk,
                         const struct feed_entry *entry, struct buf *lines)
{
    static const struct feed_filter all;
    const struct event *event = &entry->event;
    struct event own;
    bool hidden = false;
    if (event->task_id != walk->watch.task_id) {
        struct feed_subject subject = {
            .domain_id = event->domain_id,
            .workspace_id = entry->workspace_id,
            .source_id = entry->source_id,
            .action = event->action,
            .key = event->key,
            .internal = str_eq(event->action, STR("task.commented")), /* maybe */
        };
        hidden = !feed_shows(&all, call->directory, call->caller, &subject);
        buf_evidence_line(lines, hidden ? EVIDENCE_WITHHELD : EVIDENCE_LINK, event);
        return ERR_OK;
    }
    struct arena_mark mark = arena_mark(call->op.arena);
    enum err err = store_event_get(call->db, &call->op, event->domain_id, event->seq, &own);
    if (err == ERR_OK && !walk->person)
        err = comment_event_hidden(call->op.arena, own.action, own.payload, &hidden);
    if (err == ERR_OK)
        buf_evidence_line(lines,
                          !hidden                 ? EVIDENCE_OWN
                          : own.payload.p == NULL ? EVIDENCE_COMMENT_GONE
                                                  : EVIDENCE_WITHHELD,
                          &own);
    arena_rewind(call->op.arena, mark);
    return err;
}

static enum err history_put(struct call *call, struct evidence_walk *walk)
{
    struct buf lines;
    enum err err = ERR_OK;
    buf_init(&lines, MEMBER_MAX);
    while (err == ERR_OK && walk->seq < walk->chain.seq && lines.n < MEMBER_PIECE) {
        struct arena_mark mark = arena_mark(call->op.arena);
        struct feed_entries entries;
        err = store_feed_links_after(call->db, &call->op, &walk->chain, walk->seq, LINKS_READ,
                                     &entries);
        if (err == ERR_OK && entries.n == 0)
            err = op_fail(&call->op, ERR_CORRUPT, "the chain of %.*s ends before its head",
                          STR_ARG(walk->watch.workspace->domain->key));
        for (size_t i = 0; err == ERR_OK && i < entries.n && walk->seq < walk->chain.seq &&
                           lines.n < MEMBER_PIECE;
             i++) {
            err = line_put(call, walk, &entries.items[i], &lines);
            walk->seq = entries.items[i].event.seq;
        }
        arena_rewind(call->op.arena, mark);
    }
    if (err != ERR_OK) {
        buf_finish(&lines);
        return err;
    }
    if (walk->seq == walk->chain.seq)
        walk->stage = STAGE_DIRECTORY;
    return lines_put(call, walk, EVIDENCE_HISTORY, &lines);
}

/* ---- the pieces ---- */

static void directory_put(struct call *call, struct evidence_walk *walk, bool *ret_last)
{
    struct str left = str_from(buf_str(&walk->file->directory), walk->sent);
    struct str piece = str_sub(left, 0, MEMBER_PIECE);
    buf_add(&call->body, piece);
    walk->sent += piece.n;
    *ret_last = piece.n == left.n;
    if (*ret_last)
        zip_end(&call->body, &walk->place);
}

static enum err stage_put(struct call *call, struct evidence_walk *walk, bool *ret_last)
{
    switch (walk->stage) {
    case STAGE_COMMENTS:
        return comments_put(call, walk);
    case STAGE_ATTACHMENTS:
        return attachment_put(call, walk);
    case STAGE_HISTORY:
        return history_put(call, walk);
    case STAGE_DIRECTORY:
        directory_put(call, walk, ret_last);
        break;
    }
    return ERR_OK;
}

/* Fills a piece. What fits into the first one, which the handler has begun, is of one moment, so nothing
 * is cut off for it. The directory waits for the entries of the piece before. */
static enum err evidence_more(struct call *call, bool *ret_last)
{
    struct evidence_walk *walk = call->state;
    if (walk->begun)
        walk->entries = STR_NONE;
    walk->begun = true;
    enum err err = record_watch(call, &walk->watch);
    if (err != ERR_OK)
        return err;
    do
        err = stage_put(call, walk, ret_last);
    while (err == ERR_OK && walk->stage != STAGE_DIRECTORY && call->body.n < MEMBER_PIECE &&
           (walk->summed || walk->chunks <= CHUNKS_SUMMED));
    return err;
}

static void evidence_let_go(struct call *call)
{
    struct evidence_walk *walk = call->state;
    buf_finish(&walk->file->directory);
}

/* A piece is made: its entries go to the others. */
static enum err evidence_made(struct call *call)
{
    struct evidence_walk *walk = call->state;
    struct evidence_file *file = walk->file;
    if (!file->held) {
        buf_init(&file->directory, DIRECTORY_MAX);
        file->held = true;
        call->let_go = evidence_let_go;
    }
    buf_add(&file->directory, walk->entries);
    return buf_err(&file->directory);
}

/* ---- the beginning ---- */

/* What the file is about, by the store as it is now. */
static enum err head_make(struct call *call, const struct record *record,
                          struct evidence_walk *walk, struct evidence_head *head)
{
    struct op *op = &call->op;
    const struct domain *domain = record->workspace->domain;
    struct chain chain;
    struct event before;
    struct buf text;
    enum err err = store_chain_get(call->db, op, domain->id, &chain);
    if (err == ERR_OK)
        err = store_event_first(call->db, op, domain->id, record->task.last_seq, &head->first);
    head->before = event_genesis(domain->key);
    if (err == ERR_OK && head->first > 1) {
        err = store_event_get(call->db, op, domain->id, head->first - 1, &before);
        if (err == ERR_OK)
            head->before = before.hash;
    }
    if (err == ERR_NOT_FOUND)
        return op_fail(op, ERR_CORRUPT, "the history of the record is damaged");
    if (err != ERR_OK)
        return err;
    buf_init(&text, 1024);
    buf_record_key(&text, record->workspace->key, record->task.number);
    err = buf_move(&text, op->arena, &head->key);
    buf_init(&text, 64);
    buf_time(&text, op->now);
    if (err == ERR_OK)
        err = buf_move(&text, op->arena, &head->made_at);
    else
        buf_finish(&text);
    head->made_for = call->caller->email;
    head->newest = (struct receipt){domain->key, chain.seq, chain.hash};
    head->withheld = !walk->person;
    walk->watch = record_watch_begin(record);
    walk->version = record->task.version;
    walk->chain = (struct feed_head){chain.ordinal, domain->id, chain.seq};
    walk->seq = head->first - 1;
    walk->before = INT64_MAX;
    return err;
}

/* The four first members, into call->body. */
static enum err beginning_put(struct call *call, const struct evidence_head *head,
                              struct str record, struct evidence_walk *walk, struct buf *entries)
{
    struct buf text;
    buf_init(&text, (size_t)8 * CALL_ANSWER_MAX);
    buf_evidence_head(&text, head);
    zip_member_add(&call->body, entries, &walk->place, STR(EVIDENCE_HEAD), buf_str(&text));
    buf_cut(&text, 0);
    buf_evidence_readme(&text, head);
    zip_member_add(&call->body, entries, &walk->place, STR(EVIDENCE_README), buf_str(&text));
    buf_cut(&text, 0);
    zip_member_add(&call->body, entries, &walk->place, STR(EVIDENCE_RECORD), record);
    enum err err = buf_evidence_page(&text, &call->op, record);
    zip_member_add(&call->body, entries, &walk->place, STR(EVIDENCE_PAGE), buf_str(&text));
    if (err == ERR_OK)
        err = buf_err(&text);
    buf_finish(&text);
    return err;
}

/* Weak: two files of the same record and the same chain differ in when they were made. */
static enum err headers_make(struct call *call, struct str record, const struct evidence_head *head,
                             struct evidence_file *file)
{
    struct hasher hasher;
    struct buf hex;
    hash_begin(&hasher);
    hash_field(&hasher, STR(BZCTRL_VERSION));
    hash_field(&hasher, record);
    hash_u64(&hasher, (uint64_t)call->caller->id);
    hash_add(&hasher, head->newest.hash.bytes, SHA256_SIZE);
    struct sha256 hash = hash_end(&hasher);
    buf_init(&hex, sizeof file->etag);
    buf_hex(&hex, hash.bytes, 16);
    snprintf(file->etag, sizeof file->etag, "W/\"%.*s\"", STR_ARG(buf_str(&hex)));
    snprintf(file->disposition, sizeof file->disposition,
             "attachment; filename=\"%.*s-evidence.zip\"", STR_ARG(head->key));
    enum err err = buf_err(&hex);
    buf_finish(&hex);
    return err;
}

/* The record and what is about it, which only this piece needs; and the first members. */
static enum err beginning_make(struct call *call, struct evidence_walk *walk, struct buf *entries)
{
    struct record record;
    struct evidence_head head = {0};
    struct buf text;
    enum err err = record_find(call, RIGHT_READ, &record);
    if (err == ERR_OK)
        err = head_make(call, &record, walk, &head);
    if (err != ERR_OK)
        return err;
    buf_init(&text, CALL_ANSWER_MAX);
    json_writer_init(&call->json, &text);
    call_put_task(call, NULL, &record.task);
    json_writer_init(&call->json, &call->body);
    err = buf_err(&text);
    if (err == ERR_OK)
        err = headers_make(call, buf_str(&text), &head, walk->file);
    if (err == ERR_OK && !call_client_has(call, str_of(walk->file->etag + sizeof "W/" - 1)))
        err = beginning_put(call, &head, buf_str(&text), walk, entries);
    buf_finish(&text);
    return err;
}

enum err evidence_get(struct call *call)
{
    struct evidence_walk *walk = ARENA_NEW(call->op.arena, struct evidence_walk);
    struct buf entries;
    enum err err = call_query_accept(call, NULL);
    if (walk != NULL)
        walk->file = ARENA_NEW(call->op.arena, struct evidence_file);
    if (walk == NULL || walk->file == NULL)
        return ERR_MEMORY;
    walk->person = call->caller->kind == ACCOUNT_PERSON;
    struct arena_mark mark = arena_mark(call->op.arena);
    entries_init(&entries, walk);
    if (err == ERR_OK)
        err = beginning_make(call, walk, &entries);
    if (err == ERR_OK)
        arena_rewind(call->op.arena, mark);
    enum err taken = entries_take(call, walk, &entries);
    if (err != ERR_OK || taken != ERR_OK)
        return err != ERR_OK ? err : taken;

    const struct http_header headers[] = {
        {STR_INIT("ETag"), str_of(walk->file->etag)},
        {STR_INIT("Content-Disposition"), str_of(walk->file->disposition)},
        {STR_INIT("Content-Security-Policy"), STR_INIT("sandbox")},
        {STR_INIT("Cross-Origin-Resource-Policy"), STR_INIT("same-origin")},
    };
    if (walk->place.members == 0) /* the caller has it */
        return call_answer(call, 304, STR_NONE, headers, 1);
    call->state = walk;
    return call_answer_stream(call, 200, STR("application/zip"), headers,
                              sizeof headers / sizeof headers[0],
                              &(struct call_stream){.more = evidence_more,
                                                    .state_size = sizeof *walk,
                                                    .length = HTTP_LENGTH_UNKNOWN,
                                                    .made = evidence_made});
}
