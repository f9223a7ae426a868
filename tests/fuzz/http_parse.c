/*
 * Fuzz target: the HTTP parser, with an oracle. The input's first bytes say how the rest is cut;
 * reading it whole and reading it in those pieces must give the same requests, the same fault at
 * the same place, and never take a byte twice or look behind the end.
 */
#include "base/buf.h"
#include "http/parse.h"

#include <stdlib.h>

enum { CUTS = 8, BODY_MAX = 300 };

/* What one reading of all bytes gave, as a text that can be compared. */
struct reading {
    struct buf text;
    size_t used;
};

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void note_span(struct buf *text, struct str head, struct http_span span)
{
    require((size_t)span.at + span.n <= head.n);
    buf_add(text, str_sub(head, span.at, span.n));
    buf_char(text, '\n');
}

static void note_head(struct buf *text, const struct http_parser *parser, struct str bytes)
{
    struct str head = str_sub(bytes, 0, parser->head_size);
    require(parser->head_size <= bytes.n && parser->head_size <= HTTP_HEAD_MAX);
    require(parser->field_count <= HTTP_FIELDS_MAX);
    require(!(parser->chunked && parser->content_length > 0));
    require(parser->method.n > 0 && parser->target.n > 0);
    note_span(text, head, parser->method);
    note_span(text, head, parser->target);
    note_span(text, head, parser->path);
    note_span(text, head, parser->query);
    for (unsigned i = 0; i < parser->field_count; i++) {
        require(parser->fields[i].name.n > 0);
        note_span(text, head, parser->fields[i].name);
        note_span(text, head, parser->fields[i].value);
    }
    buf_printf(text, "%d%d%d%d %llu\n", parser->version_1_0, parser->keep_alive,
               parser->expect_continue, parser->chunked,
               (unsigned long long)parser->content_length);
}

/* Reads all requests in `bytes`, of which ever more become available at the cuts. */
static void read_all(struct reading *reading, struct str bytes, const unsigned char *cuts)
{
    struct http_parser parser;
    enum http_parse result = HTTP_PARSE_MORE;
    bool in_head = true;
    size_t body_size = 0, available = cuts == NULL ? bytes.n : 0;
    unsigned turn = 0;
    http_parser_init(&parser);
    for (;;) {
        struct str rest = str_sub(bytes, reading->used, available - reading->used);
        if (in_head && rest.n > 0) {
            result = http_parse_head(&parser, rest);
            if (result == HTTP_PARSE_DONE) {
                note_head(&reading->text, &parser, rest);
                reading->used += parser.head_size;
                rest = str_from(rest, parser.head_size);
                in_head = false;
                body_size = 0;
                if (http_parse_body_max(&parser, BODY_MAX) == HTTP_PARSE_FAULT)
                    result = HTTP_PARSE_FAULT;
            }
        }
        while (!in_head && result != HTTP_PARSE_FAULT) {
            struct str before = rest, data = STR("");
            result = http_parse_body(&parser, &rest, &data);
            if (result == HTTP_PARSE_FAULT)
                break;
            require(data.n == 0 || (data.p >= before.p && data.p + data.n <= rest.p));
            buf_add(&reading->text, data);
            body_size += data.n;
            require(body_size <= BODY_MAX);
            reading->used += before.n - rest.n;
            if (result == HTTP_PARSE_DONE || rest.n == 0)
                break;
            require(rest.n < before.n);
        }
        if (result == HTTP_PARSE_FAULT) {
            require(parser.status >= 400 && parser.detail != NULL);
            buf_printf(&reading->text, "fault %d %s\n", parser.status, parser.detail);
            return;
        }
        if (!in_head && result == HTTP_PARSE_DONE) {
            buf_printf(&reading->text, "\nend %zu\n", reading->used);
            http_parser_init(&parser);
            in_head = true;
            result = HTTP_PARSE_MORE;
            if (reading->used < available)
                continue;
        }
        if (available == bytes.n)
            break;
        size_t more = (size_t)cuts[turn++ % CUTS] + 1;
        available = more < bytes.n - available ? available + more : bytes.n;
    }
    buf_printf(&reading->text, "%s\n", in_head ? "in a head" : "in a body");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < CUTS)
        return 0;
    struct str bytes = {(const char *)data + CUTS, size - CUTS};
    struct reading whole = {.used = 0}, pieces = {.used = 0};
    buf_init(&whole.text, SIZE_MAX);
    buf_init(&pieces.text, SIZE_MAX);
    read_all(&whole, bytes, NULL);
    read_all(&pieces, bytes, data);
    require(str_eq(buf_str(&whole.text), buf_str(&pieces.text)));
    buf_finish(&whole.text);
    buf_finish(&pieces.text);
    return 0;
}
