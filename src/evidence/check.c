#include "evidence/check.h"

#include "evidence/fold.h"
#include "evidence/zip_read.h"

#include <inttypes.h>
#include <stdarg.h>

enum {
    TEXT_MAX = 64 * 1024 * 1024, /* bytes of record.json and record.html */
    LINE_MAX = 48 * 1024 * 1024, /* of a line: an event can say 8 MiB */
    TREE_MAX = 768 * 1024 * 1024,
    PIECE = 64 * 1024,
};

struct evidence_run {
    struct op *op;
    struct zip_reader zip;
    struct evidence_report *report;
    struct evidence_receipt *receipts;
    size_t receipt_count;
    struct fold fold;
    struct buf text;    /* of a member, or a line */
    struct arena arena; /* of a line */
    struct op line_op;
    struct arena record_arena;
    const struct json *record;
    bool more;
    int64_t seq, at; /* of the last event */
    struct sha256 hash;
};

static struct str member_path(const struct evidence_run *check)
{
    return check->zip.member.name;
}

/* "record.json: …" */
static enum err bad(struct evidence_run *check, const char *format, ...)
    PRINTF_LIKE(2, 3) MUST_CHECK;
static enum err bad(struct evidence_run *check, const char *format, ...)
{
    char text[200];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    op_forget(check->op);
    return op_fail(check->op, ERR_CORRUPT, "%.*s: %s", STR_ARG(utf8_cut(member_path(check), 100)),
                   text);
}

/* An error of a part that knows neither the member nor the line: its sentence gets the member. */
static enum err in_member(struct evidence_run *check, struct op *op, enum err err)
{
    char text[sizeof op->detail];
    if (err != ERR_CORRUPT)
        return err;
    snprintf(text, sizeof text, "%s", op->detail);
    op_forget(op);
    return bad(check, "%.150s", text);
}

/* ---- whole members ---- */

static enum err next(struct evidence_run *check)
{
    return zip_next(&check->zip, &check->more);
}

/* Reads all of a member. */
static enum err member_text(struct evidence_run *check, size_t max)
{
    enum err err = ERR_OK;
    size_t n = 1;
    buf_clear(&check->text);
    if (check->zip.member.size > max)
        return bad(check, "it has %" PRIu32 " bytes, which is more than it can have",
                   check->zip.member.size);
    while (n > 0 && err == ERR_OK) {
        char *to = buf_reserve(&check->text, PIECE);
        if (to == NULL)
            return ERR_MEMORY;
        err = zip_bytes(&check->zip, to, PIECE, &n);
        if (err == ERR_OK)
            buf_wrote(&check->text, n);
    }
    return err;
}

/* The next member must be that one; its text is in check->text, and its bytes have been checked. */
static enum err take(struct evidence_run *check, struct str name)
{
    enum err err = next(check);
    if (err != ERR_OK)
        return err;
    if (!check->more || !str_eq(member_path(check), name))
        return check->more ? bad(check, "%.*s must be here", STR_ARG(name))
                           : op_fail(check->op, ERR_CORRUPT, "%.*s is missing", STR_ARG(name));
    return member_text(check, TEXT_MAX);
}

/* The members that every file begins with. The second and the fourth say nothing of their own, so
 * they must be what they are made of. */
static enum err beginning_check(struct evidence_run *check)
{
    struct evidence_head *head = &check->report->head;
    struct buf wanted;
    struct str text;
    enum err err = take(check, STR(EVIDENCE_HEAD));
    if (err == ERR_OK)
        err = arena_copy(check->op->arena, buf_str(&check->text), &text);
    if (err == ERR_OK)
        err = in_member(check, check->op, evidence_head_read(check->op, text, head));
    if (err == ERR_OK)
        err = take(check, STR(EVIDENCE_README));
    if (err != ERR_OK)
        return err;
    buf_init(&wanted, (size_t)6 * TEXT_MAX);
    buf_evidence_readme(&wanted, head);
    err = buf_err(&wanted);
    if (err == ERR_OK && !str_eq(buf_str(&wanted), buf_str(&check->text)))
        err = bad(check, "it does not say what belongs to " EVIDENCE_HEAD);

    if (err == ERR_OK)
        err = take(check, STR(EVIDENCE_RECORD));
    if (err == ERR_OK)
        err = arena_copy(&check->record_arena, buf_str(&check->text), &text);
    struct op op = {.arena = &check->record_arena};
    if (err == ERR_OK)
        err = json_read_written(&op, &check->record_arena, text, &check->record);
    if (err == ERR_SYNTAX || (err == ERR_OK && check->record->kind != JSON_OBJECT))
        err = bad(check, "it is not a JSON object");
    if (err == ERR_OK)
        err = in_member(check, check->op, fold_init(&check->fold, check->op, check->record));

    if (err == ERR_OK)
        err = take(check, STR(EVIDENCE_PAGE));
    buf_clear(&wanted);
    if (err == ERR_OK)
        err = buf_evidence_page(&wanted, &op, text);
    if (err == ERR_OK && !str_eq(buf_str(&wanted), buf_str(&check->text)))
        err = bad(check, "it does not show what " EVIDENCE_RECORD " says");
    buf_finish(&wanted);
    return err;
}

/* ---- members with lines ---- */

static enum err lines_read(struct evidence_run *check,
                           enum err (*each)(struct evidence_run *check, struct str line))
{
    char bytes[PIECE];
    size_t n;
    enum err err = ERR_OK;
    buf_clear(&check->text);
    do {
        err = zip_bytes(&check->zip, bytes, sizeof bytes, &n);
        struct str rest = {bytes, n};
        while (err == ERR_OK && rest.n > 0) {
            size_t end = str_find(rest, '\n');
            if (check->text.n + end > LINE_MAX)
                return bad(check, "a line has more than %d bytes", LINE_MAX);
            buf_add(&check->text, str_sub(rest, 0, end));
            err = buf_err(&check->text);
            if (end == rest.n)
                break;
            if (err == ERR_OK)
                err = each(check, buf_str(&check->text));
            buf_clear(&check->text);
            arena_reset(&check->arena);
            op_forget(&check->line_op);
            rest = str_from(rest, end + 1);
        }
    } while (err == ERR_OK && n > 0);
    return err == ERR_OK && check->text.n > 0 ? bad(check, "its last line is cut off") : err;
}

/* Is the member the one with that number in its folder: "history/000001.ndjson"? */
static bool is_number(struct evidence_run *check, const char *folder, int64_t number)
{
    char name[64];
    snprintf(name, sizeof name, "%s%06" PRId64 ".ndjson", folder, number);
    return check->more && str_eq(member_path(check), str_of(name));
}

static enum err comment_line(struct evidence_run *check, struct str line)
{
    const struct json *comment;
    enum err err = json_read_written(&check->line_op, &check->arena, line, &comment);
    if (err == ERR_SYNTAX || (err == ERR_OK && comment->kind != JSON_OBJECT))
        return bad(check, "a line is not a JSON object");
    return err == ERR_OK ? in_member(check, check->op, fold_comment(&check->fold, comment)) : err;
}

/* ---- attachments ---- */

/* "attachments/ID/NAME": a name that no folder and no program takes for something else. */
static bool attachment_path(struct str path, int64_t *ret_id, struct str *ret_name)
{
    uint64_t id;
    struct str rest = str_from(path, sizeof EVIDENCE_ATTACHMENTS - 1);
    struct str id_text = str_cut(&rest, '/');
    if (!str_to_u64(id_text, INT64_MAX, &id) || id == 0 || id_text.p[0] == '0' || rest.n == 0 ||
        str_eq(rest, STR(".")) || str_eq(rest, STR("..")))
        return false;
    for (size_t i = 0; i < rest.n; i++)
        if (rest.p[i] == '/' || rest.p[i] == '\\' || (unsigned char)rest.p[i] < ' ')
            return false;
    *ret_id = (int64_t)id;
    *ret_name = rest;
    return true;
}

static enum err attachment_check(struct evidence_run *check)
{
    char bytes[PIECE];
    struct hasher hasher;
    struct str name;
    int64_t id;
    size_t n = 1;
    enum err err = ERR_OK;
    if (!attachment_path(member_path(check), &id, &name))
        return bad(check, "no attachment can have that name");
    hash_begin(&hasher);
    while (err == ERR_OK && n > 0) {
        err = zip_bytes(&check->zip, bytes, sizeof bytes, &n);
        if (err == ERR_OK)
            hash_add(&hasher, bytes, n);
    }
    struct sha256 sha256 = hash_end(&hasher);
    if (err == ERR_OK)
        err = fold_attachment(&check->fold, id, name, check->zip.member.size, &sha256);
    return in_member(check, check->op, err);
}

/* ---- history ---- */

static enum err receipts_compare(struct evidence_run *check, const struct event *event)
{
    for (size_t i = 0; i < check->receipt_count; i++) {
        struct evidence_receipt *each = &check->receipts[i];
        if (each->receipt.seq != event->seq ||
            !str_eq_case(each->receipt.domain, check->report->head.newest.domain))
            continue;
        if (memcmp(each->receipt.hash.bytes, event->hash.bytes, SHA256_SIZE) != 0)
            return bad(check,
                       "the receipt of event %" PRId64 " has another hash; this is not the "
                       "history that the server had",
                       event->seq);
        each->compared = true;
    }
    return ERR_OK;
}

static enum err event_line(struct evidence_run *check, struct str line)
{
    enum evidence_line kind;
    struct event event;
    struct evidence_report *report = check->report;
    enum err err = evidence_line_read(&check->line_op, line, &kind, &event);
    if (err == ERR_CORRUPT)
        return bad(check, "the line after event %" PRId64 ": %s", check->seq,
                   check->line_op.detail);
    if (err != ERR_OK)
        return err;

    /* Its place: the next number, not before the event before it, and linked to that one's hash. */
    if (check->seq == INT64_MAX || event.seq != check->seq + 1)
        return bad(check, "event %" PRId64 " follows event %" PRId64, event.seq, check->seq);
    bool linked = kind == EVIDENCE_OWN || kind == EVIDENCE_LINK;
    if (linked && event.at < check->at)
        return bad(check, "event %" PRId64 " is earlier than the one before it", event.seq);
    struct sha256 wanted = event_hash(&check->hash, &event);
    if (linked && memcmp(wanted.bytes, event.hash.bytes, SHA256_SIZE) != 0)
        return bad(check,
                   "event %" PRId64 ": its hash is not that of what it says and of the "
                   "event before it",
                   event.seq);
    bool first = check->seq < report->head.first;
    if (first && kind != EVIDENCE_OWN)
        return bad(check, "event %" PRId64 " is not the record's first", event.seq);
    check->seq = event.seq;
    check->hash = event.hash;
    check->at = linked ? event.at : check->at;

    /* What it says. Nothing of the record's own may be left out. */
    report->withheld += !linked;
    check->fold.unsure[FOLD_COMMENT] |= kind == EVIDENCE_COMMENT_GONE;
    report->links += kind != EVIDENCE_OWN;
    if (kind == EVIDENCE_LINK && str_eq(event.key, check->fold.key))
        return bad(check, "event %" PRId64 " is the record's, and what it says is left out",
                   event.seq);
    if (kind == EVIDENCE_OWN) {
        struct sha256 said = event_payload_hash(event.salt, event.payload);
        report->own++;
        report->erased += event.payload.p == NULL;
        if (event.payload.p != NULL &&
            memcmp(said.bytes, event.payload_hash.bytes, SHA256_SIZE) != 0)
            return bad(check, "event %" PRId64 ": what it says was changed", event.seq);
        err = in_member(check, check->op, fold_event(&check->fold, &check->arena, &event));
    }
    return err == ERR_OK ? receipts_compare(check, &event) : err;
}

/* The end of the history, and whose it is. */
static enum err history_end(struct evidence_run *check)
{
    struct evidence_report *report = check->report;
    const struct evidence_head *head = &report->head;
    struct sha256 genesis = event_genesis(head->newest.domain);
    struct op *op = check->op;
    if (check->seq != head->newest.seq ||
        memcmp(check->hash.bytes, head->newest.hash.bytes, SHA256_SIZE) != 0)
        return op_fail(op, ERR_CORRUPT,
                       EVIDENCE_HISTORY ": it ends with event %" PRId64 ", and not with the newest "
                                        "that " EVIDENCE_HEAD " names",
                       check->seq);
    if (head->first == 1 && memcmp(genesis.bytes, head->before.bytes, SHA256_SIZE) != 0)
        return op_fail(op, ERR_CORRUPT,
                       EVIDENCE_HEAD ": its first event is not the first of the chain of %.*s",
                       STR_ARG(utf8_cut(head->newest.domain, 80)));
    if (!str_eq(head->key, check->fold.key))
        return op_fail(op, ERR_CORRUPT, EVIDENCE_HEAD ": the history is that of %.*s",
                       STR_ARG(utf8_cut(check->fold.key, 80)));
    enum err err = fold_end(&check->fold, report->withheld > 0, &report->unsure, &report->unproven);
    if (err != ERR_CORRUPT)
        return err;
    char text[sizeof op->detail];
    snprintf(text, sizeof text, "%s", op->detail);
    op_forget(op);
    return op_fail(op, ERR_CORRUPT, "against the history: %.200s", text);
}

/* ---- all of it ---- */

static enum err check_run(struct evidence_run *check)
{
    struct evidence_report *report = check->report;
    enum err err = beginning_check(check);
    if (err == ERR_OK)
        err = next(check);
    for (int64_t n = 1; err == ERR_OK && is_number(check, EVIDENCE_COMMENTS, n); n++) {
        err = lines_read(check, comment_line);
        if (err == ERR_OK)
            err = next(check);
    }
    while (err == ERR_OK && check->more &&
           str_starts(member_path(check), STR(EVIDENCE_ATTACHMENTS))) {
        err = attachment_check(check);
        if (err == ERR_OK)
            err = next(check);
    }
    check->seq = report->head.first - 1;
    check->hash = report->head.before;
    for (int64_t n = 1; err == ERR_OK && is_number(check, EVIDENCE_HISTORY, n); n++) {
        err = lines_read(check, event_line);
        if (err == ERR_OK)
            err = next(check);
    }
    if (err == ERR_OK && check->more)
        return bad(check, "an evidence file has no such member here");
    if (err == ERR_OK)
        err = history_end(check);
    report->comments = check->fold.counts[FOLD_COMMENT];
    report->attachments = check->fold.counts[FOLD_ATTACHMENT];
    return err;
}

enum err evidence_check(FILE *file, struct op *op, struct evidence_receipt *receipts,
                        size_t receipt_count, struct evidence_report *ret_report)
{
    struct evidence_report report = {0};
    struct evidence_run check = {
        .op = op, .report = &report, .receipts = receipts, .receipt_count = receipt_count};
    zip_reader_init(&check.zip, file, op);
    buf_init(&check.text, (size_t)TEXT_MAX + PIECE);
    arena_init(&check.arena, TREE_MAX);
    arena_init(&check.record_arena, TREE_MAX);
    check.line_op.arena = &check.arena;
    enum err err = check_run(&check);
    fold_finish(&check.fold);
    arena_finish(&check.arena);
    arena_finish(&check.record_arena);
    buf_finish(&check.text);
    zip_reader_finish(&check.zip);
    if (err == ERR_OK)
        *ret_report = report;
    return err;
}
