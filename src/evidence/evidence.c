#include "evidence/evidence.h"

#include "json/read.h"

enum { TREE_MAX = 512 * 1024 * 1024 };

/* ---- evidence.json ---- */

static void put_hash(struct json_writer *json, const char *name, const struct sha256 *hash)
{
    json_put_begin(json, name);
    buf_char(json->buf, '"');
    buf_base64(json->buf, hash->bytes, SHA256_SIZE);
    buf_char(json->buf, '"');
}

void buf_evidence_head(struct buf *buf, const struct evidence_head *head)
{
    struct json_writer json;
    json_writer_init(&json, buf);
    json_begin_object(&json, NULL);
    json_put_text(&json, "format", STR(EVIDENCE_FORMAT));
    json_put_text(&json, "key", head->key);
    json_put_text(&json, "domain", head->newest.domain);
    json_put_text(&json, "madeAt", head->made_at);
    json_put_text(&json, "madeFor", head->made_for);
    json_put_flag(&json, "withheld", head->withheld);
    json_put_i64(&json, "first", head->first);
    put_hash(&json, "before", &head->before);
    json_put_i64(&json, "newest", head->newest.seq);
    put_hash(&json, "hash", &head->newest.hash);
    json_end(&json);
    buf_char(buf, '\n');
}

static bool number_of(const struct json *object, struct str name, int64_t *ret_number)
{
    const struct json *member = json_member(object, name);
    uint64_t number;
    if (member == NULL || member->kind != JSON_NUMBER ||
        !str_to_u64(member->raw, INT64_MAX, &number))
        return false;
    *ret_number = (int64_t)number;
    return true;
}

static bool hash_of(const struct json *object, struct str name, struct sha256 *ret_hash)
{
    return base64_read(json_text(json_member(object, name)), ret_hash->bytes, SHA256_SIZE);
}

/* Reads a text that must be an object; the tree lies in the arena. */
static enum err object_read(struct op *op, struct str text, const struct json **ret_object)
{
    enum err err = json_read_written(op, op->arena, text, ret_object);
    if (err == ERR_SYNTAX || (err == ERR_OK && (*ret_object)->kind != JSON_OBJECT))
        return op_fail(op, ERR_CORRUPT, "it is not a JSON object");
    return err;
}

enum err evidence_head_read(struct op *op, struct str text, struct evidence_head *ret_head)
{
    const struct json *object;
    struct evidence_head head;
    enum err err = object_read(op, text, &object);
    if (err != ERR_OK)
        return err;
    if (!str_eq(json_text(json_member(object, STR("format"))), STR(EVIDENCE_FORMAT)))
        return op_fail(op, ERR_CORRUPT, "its format is not \"" EVIDENCE_FORMAT "\"");
    const struct json *withheld = json_member(object, STR("withheld"));
    head.key = json_text(json_member(object, STR("key")));
    head.newest.domain = json_text(json_member(object, STR("domain")));
    head.made_at = json_text(json_member(object, STR("madeAt")));
    head.made_for = json_text(json_member(object, STR("madeFor")));
    head.withheld = withheld != NULL && str_eq(withheld->raw, STR("true"));
    if (head.key.p == NULL || head.newest.domain.p == NULL || head.made_at.p == NULL ||
        head.made_for.p == NULL || withheld == NULL || withheld->kind != JSON_BOOL ||
        !number_of(object, STR("first"), &head.first) ||
        !hash_of(object, STR("before"), &head.before) ||
        !number_of(object, STR("newest"), &head.newest.seq) ||
        !hash_of(object, STR("hash"), &head.newest.hash) || head.first < 1 ||
        head.newest.seq < head.first)
        return op_fail(op, ERR_CORRUPT, "a member is missing or is not what it must be");
    *ret_head = head;
    return ERR_OK;
}

/* ---- README.txt ---- */

void buf_evidence_readme(struct buf *buf, const struct evidence_head *head)
{
    buf_printf(buf, "Evidence of the record %.*s\n\n", STR_ARG(head->key));
    buf_printf(buf, "Made at %.*s for %.*s.\n\n", STR_ARG(head->made_at), STR_ARG(head->made_for));
    BUF_LIT(buf,
            "What is in this file\n\n"
            "  evidence.json    what the file is about: the record, and its part of the chain\n"
            "  record.json      the record; record.html is the same, to read\n"
            "  comments/        the record's comments, newest first, a line of JSON for each\n"
            "  attachments/     the record's attachments, each in a folder named after its id\n"
            "  history/         the domain's chain of events, from the record's first event to\n"
            "                   the chain's newest, a line of JSON for each\n\n");
    BUF_LIT(buf,
            "An event of the record has a payload: what changed, from what to what. null means\n"
            "that it was erased, as a person may demand. Of other events between them there is\n"
            "what their hashes are made of, and not what they say; or the hash alone, if they\n"
            "are not for the account that this file was made for.\n\n");
    if (head->withheld)
        BUF_LIT(buf, "Parts are withheld: this file is for a client. It has no internal comments "
                     "of people, and of\nevents that are not for this client only their hashes. "
                     "The chain is not proven across those.\n\n");
    BUF_LIT(buf,
            "How to check it\n\n"
            "  bzctrl evidence verify FILE [--receipt RECEIPT]\n\n"
            "It needs no server. It checks that every event has the hash that the next one is\n"
            "linked to; that the record, its comments and its attachments are what the events\n"
            "say; and that nothing was added, left out or changed. doc/evidence.md of bzctrl has\n"
            "the rules, for a program of your own.\n\n"
            "No file can prove by itself that the server had this history, and not another one:\n"
            "for that, compare it with a receipt (Bzctrl-Receipt) that the server gave to\n"
            "somebody else. The newest event of the chain was then\n\n  ");
    buf_receipt(buf, head->newest.domain, head->newest.seq, &head->newest.hash);
    BUF_LIT(buf, "\n\nwhich `bzctrld verify --receipt` compares with the server's history.\n");
}

/* ---- record.html ---- */

static void add_html(struct buf *buf, struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        switch (text.p[i]) {
        case '&':
            BUF_LIT(buf, "&amp;");
            break;
        case '<':
            BUF_LIT(buf, "&lt;");
            break;
        case '>':
            BUF_LIT(buf, "&gt;");
            break;
        case '"':
            BUF_LIT(buf, "&quot;");
            break;
        default:
            buf_char(buf, text.p[i]);
        }
}

static void add_value(struct buf *buf, const struct json *value)
{
    if (value->kind == JSON_NULL)
        return;
    if (value->kind != JSON_LIST) {
        add_html(buf, value->kind == JSON_TEXT ? value->text : value->raw);
        return;
    }
    for (const struct json *item = value->first; item != NULL; item = item->next) {
        add_html(buf, item->kind == JSON_TEXT ? item->text : item->raw);
        if (item->next != NULL)
            BUF_LIT(buf, ", ");
    }
}

enum err buf_evidence_page(struct buf *buf, struct op *op, struct str record)
{
    struct arena tree;
    const struct json *object;
    arena_init(&tree, TREE_MAX);
    enum err err = json_read_written(op, &tree, record, &object);
    if (err == ERR_OK && object->kind != JSON_OBJECT)
        err = ERR_SYNTAX;
    if (err == ERR_OK) {
        BUF_LIT(buf, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'unsafe-inline'\">\n<title>");
        add_html(buf, json_text(json_member(object, STR("key"))));
        BUF_LIT(buf, "</title>\n<style>body{font:1em/1.5 sans-serif;margin:2em}"
                     "th{text-align:left;vertical-align:top;padding-right:2em}"
                     "td{white-space:pre-wrap;overflow-wrap:anywhere}</style></head>\n<body><h1>");
        add_html(buf, json_text(json_member(object, STR("key"))));
        BUF_LIT(buf, "</h1>\n<table>\n");
        for (const struct json *member = object->first; member != NULL; member = member->next) {
            BUF_LIT(buf, "<tr><th>");
            add_html(buf, member->name);
            BUF_LIT(buf, "</th><td>");
            add_value(buf, member);
            BUF_LIT(buf, "</td></tr>\n");
        }
        BUF_LIT(buf, "</table></body></html>\n");
        err = buf_err(buf);
    }
    arena_finish(&tree);
    return err;
}

/* ---- a line of the history ---- */

void buf_evidence_line(struct buf *buf, enum evidence_line kind, const struct event *event)
{
    struct json_writer json;
    json_writer_init(&json, buf);
    json_begin_object(&json, NULL);
    json_put_i64(&json, "seq", event->seq);
    if (kind == EVIDENCE_OWN || kind == EVIDENCE_LINK) {
        json_put_i64(&json, "at", event->at);
        json_put_id(&json, "actor", event->actor_id);
        json_put_text(&json, "action", event->action);
        json_put_text(&json, "key", event->key);
        put_hash(&json, "payloadHash", &event->payload_hash);
    }
    put_hash(&json, "hash", &event->hash);
    if (kind == EVIDENCE_COMMENT_GONE)
        json_put_flag(&json, "commentErased", true);
    if (kind == EVIDENCE_OWN) {
        json_put_begin(&json, "salt");
        if (event->payload.p == NULL) {
            BUF_LIT(buf, "null");
        } else {
            buf_char(buf, '"');
            buf_base64(buf, event->salt, EVENT_SALT_SIZE);
            buf_char(buf, '"');
        }
        json_put_text(&json, "payload", event->payload);
    }
    json_end(&json);
    buf_char(buf, '\n');
}

enum err evidence_line_read(struct op *op, struct str line, enum evidence_line *ret_kind,
                            struct event *ret_event)
{
    const struct json *object;
    struct event event = {0};
    enum err err = object_read(op, line, &object);
    if (err != ERR_OK)
        return err;
    const struct json *payload = json_member(object, STR("payload")),
                      *salt = json_member(object, STR("salt"));
    enum evidence_line kind = payload != NULL                              ? EVIDENCE_OWN
                              : json_member(object, STR("action")) != NULL ? EVIDENCE_LINK
                              : json_member(object, STR("commentErased")) != NULL
                                  ? EVIDENCE_COMMENT_GONE
                                  : EVIDENCE_WITHHELD;
    static const uint32_t members[] = {[EVIDENCE_OWN] = 9,
                                       [EVIDENCE_LINK] = 7,
                                       [EVIDENCE_WITHHELD] = 2,
                                       [EVIDENCE_COMMENT_GONE] = 3};
    uint64_t actor = 0;
    bool right = object->n == members[kind] && number_of(object, STR("seq"), &event.seq) &&
                 hash_of(object, STR("hash"), &event.hash);
    if (right && (kind == EVIDENCE_OWN || kind == EVIDENCE_LINK)) {
        event.action = json_text(json_member(object, STR("action")));
        event.key = json_text(json_member(object, STR("key")));
        right = number_of(object, STR("at"), &event.at) && event.action.p != NULL &&
                event.key.p != NULL &&
                str_to_u64(json_text(json_member(object, STR("actor"))), INT64_MAX, &actor) &&
                hash_of(object, STR("payloadHash"), &event.payload_hash);
        event.actor_id = (int64_t)actor;
    }
    if (right && kind == EVIDENCE_OWN) {
        event.payload = json_text(payload);
        bool erased = payload->kind == JSON_NULL;
        right = salt != NULL &&
                (erased ? salt->kind == JSON_NULL
                        : event.payload.p != NULL &&
                              base64_read(json_text(salt), event.salt, EVENT_SALT_SIZE));
    }
    if (!right)
        return op_fail(op, ERR_CORRUPT, "a member is missing, or is not what it must be");
    *ret_kind = kind;
    *ret_event = event;
    return ERR_OK;
}
