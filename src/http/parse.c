#include "http/parse.h"

/* ---- which byte may stand where ---- */

enum {
    TOKEN = 1,  /* method, header name (RFC 9110 section 5.6.2) */
    TARGET = 2, /* request target: what the framing allows; the router knows its paths by itself */
    HOST = 4,   /* a name in Host (RFC 3986 section 3.2.2) */
    TEXT = 8,   /* any line of a head: no control bytes but the tab */
};

/* In the order of ASCII: V is visible but in no name, T for tokens, H for hosts, B for both. */
#define V (TARGET | TEXT)
#define T (TOKEN | V)
#define H (HOST | V)
#define B (TOKEN | HOST | V)
static const unsigned char byte_classes[128] = {
    0,    0, 0, 0, 0, 0, 0, 0, 0, TEXT, 0, 0, 0, 0, 0, 0, /* 0x00: tab */
    0,    0, 0, 0, 0, 0, 0, 0, 0, 0,    0, 0, 0, 0, 0, 0, /* 0x10 */
    TEXT, B, V, T, B, B, B, B, H, H,    B, B, H, B, B, V, /*   ! " # $ % & ' ( ) * + , - . / */
    B,    B, B, B, B, B, B, B, B, B,    V, H, V, H, V, V, /* 0 to 9 : ; < = > ? */
    V,    B, B, B, B, B, B, B, B, B,    B, B, B, B, B, B, /* @ A to O */
    B,    B, B, B, B, B, B, B, B, B,    B, V, V, V, T, B, /* P to Z [ \ ] ^ _ */
    T,    B, B, B, B, B, B, B, B, B,    B, B, B, B, B, B, /* ` a to o */
    B,    B, B, B, B, B, B, B, B, B,    B, V, T, V, B, 0, /* p to z { | } ~ DEL */
};
#undef V
#undef T
#undef H
#undef B

static bool byte_is(char byte, unsigned class)
{
    unsigned char c = (unsigned char)byte;
    return ((c < 128 ? byte_classes[c] : TARGET | TEXT) & class) != 0;
}

/* True if `s` has at least one byte, and all are of that class. */
static bool all_are(struct str s, unsigned class)
{
    for (size_t i = 0; i < s.n; i++)
        if (!byte_is(s.p[i], class))
            return false;
    return s.n > 0;
}

static bool all_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!ascii_digit(s.p[i]))
            return false;
    return s.n > 0;
}

/* ---- small helpers ---- */

static enum http_parse fault(struct http_parser *parser, int status, const char *detail)
{
    parser->status = status;
    parser->detail = detail;
    return HTTP_PARSE_FAULT;
}

/* Where `s` lies in the head. Lengths fit: HTTP_HEAD_MAX is below 2^16. */
static struct http_span span_of(struct str head, struct str s)
{
    return (struct http_span){(uint16_t)(s.p - head.p), (uint16_t)s.n};
}

/* uri-host [ ":" port ], RFC 9112 section 3.2. An empty host is not valid. */
static bool host_valid(struct str host)
{
    if (host.n > 0 && host.p[0] == '[') {
        struct str literal = str_cut(&host, ']');
        if (host.p == NULL)
            return false;
        literal = str_from(literal, 1);
        for (size_t i = 0; i < literal.n; i++)
            if (!byte_is(literal.p[i], HOST) && literal.p[i] != ':')
                return false;
        if (literal.n == 0)
            return false;
        return host.n == 0 || (host.p[0] == ':' && (host.n == 1 || all_digits(str_from(host, 1))));
    }
    struct str name = str_cut(&host, ':');
    return all_are(name, HOST) && (host.n == 0 || all_digits(host));
}

/* ---- the request line (RFC 9112 section 3) ---- */

/* "http://host/path?query": what such a target means is its path; the Host header has been checked
 * on its own, and any host is served (RFC 9112 section 3.2.2). */
static bool absolute_target(struct str target, struct str *ret_path)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        struct str scheme = str_of(schemes[i]);
        if (!str_eq_case(str_sub(target, 0, scheme.n), scheme))
            continue;
        struct str rest = str_from(target, scheme.n);
        size_t end = 0;
        while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?')
            end++;
        if (!host_valid(str_sub(rest, 0, end)))
            return false;
        *ret_path = str_from(rest, end);
        return true;
    }
    return false;
}

static enum http_parse read_target(struct http_parser *parser, struct str head, struct str method,
                                   struct str target)
{
    if (!all_are(target, TARGET))
        return fault(parser, 400, "the request target is empty or contains forbidden bytes");
    parser->target = span_of(head, target);

    struct str path = target;
    bool whole_server = str_eq(target, STR("*")) && str_eq(method, STR("OPTIONS"));
    if (target.p[0] != '/' && !whole_server && !absolute_target(target, &path))
        return fault(parser, 400, "the request target must be a path or an http URL");

    size_t question = str_find(path, '?');
    parser->path = span_of(head, str_sub(path, 0, question));
    if (question < path.n)
        parser->query = span_of(head, str_from(path, question + 1));
    return HTTP_PARSE_MORE;
}

/* HTTP-version, RFC 9112 section 2.3. A later minor version is treated as 1.1 (RFC 9110 section
 * 2.5). */
static enum http_parse read_version(struct http_parser *parser, struct str version)
{
    if (version.n != 8 || !str_starts(version, STR("HTTP/")) || !ascii_digit(version.p[5]) ||
        version.p[6] != '.' || !ascii_digit(version.p[7]))
        return fault(parser, 400, "the request line must end with the HTTP version");
    if (version.p[5] != '1')
        return fault(parser, 505, "only HTTP/1.1 and HTTP/1.0 are supported");
    parser->version_1_0 = version.p[7] == '0';
    return HTTP_PARSE_MORE;
}

static enum http_parse read_request_line(struct http_parser *parser, struct str head,
                                         struct str line)
{
    struct str rest = line;
    struct str method = str_cut(&rest, ' ');
    struct str target = str_cut(&rest, ' ');
    if (rest.p == NULL)
        return fault(parser, 400, "a request line must be method, target and version");
    if (!all_are(method, TOKEN))
        return fault(parser, 400, "the method contains forbidden bytes");
    parser->method = span_of(head, method);
    parser->request_line_read = true;

    enum http_parse result = read_version(parser, rest);
    if (result != HTTP_PARSE_MORE)
        return result;
    return read_target(parser, head, method, target);
}

/* ---- the headers (RFC 9112 section 5) ---- */

static enum http_parse read_host(struct http_parser *parser, struct str value)
{
    if (++parser->hosts > 1)
        return fault(parser, 400, "Host is given twice");
    if (!host_valid(value))
        return fault(parser, 400, "Host is not a host name with an optional port");
    return HTTP_PARSE_MORE;
}

/* RFC 9112 section 6.3: neither repeated nor a list, even of equal numbers. */
static enum http_parse read_content_length(struct http_parser *parser, struct str value)
{
    if (parser->has_length)
        return fault(parser, 400, "Content-Length is given twice");
    if (!all_digits(value))
        return fault(parser, 400, "Content-Length is not a number");
    parser->has_length = true;
    if (!str_to_u64(value, UINT64_MAX, &parser->content_length))
        parser->content_length = UINT64_MAX;
    return HTTP_PARSE_MORE;
}

static enum http_parse read_transfer_encoding(struct http_parser *parser, struct str value)
{
    if (parser->chunked)
        return fault(parser, 400, "Transfer-Encoding is given twice");
    if (!str_eq_case(value, STR("chunked")))
        return fault(parser, 400, "the only supported Transfer-Encoding is chunked");
    parser->chunked = true;
    return HTTP_PARSE_MORE;
}

/* A list of options, of which two matter (RFC 9110 section 7.6.1). */
static enum http_parse read_connection(struct http_parser *parser, struct str value)
{
    while (value.p != NULL) {
        struct str option = str_trim(str_cut(&value, ','));
        if (str_eq_case(option, STR("close")))
            parser->close_asked = true;
        else if (str_eq_case(option, STR("keep-alive")))
            parser->keep_alive_asked = true;
    }
    return HTTP_PARSE_MORE;
}

static enum http_parse read_expect(struct http_parser *parser, struct str value)
{
    if (str_eq_case(value, STR("100-continue")))
        parser->expect_continue = true;
    else
        parser->expectation_unmet = true;
    return HTTP_PARSE_MORE;
}

/* The headers that frame the message; all others are the owner's. */
static const struct known_field {
    const char *name;
    enum http_parse (*read)(struct http_parser *parser, struct str value);
} known_fields[] = {
    {"Host", read_host},
    {"Content-Length", read_content_length},
    {"Transfer-Encoding", read_transfer_encoding},
    {"Connection", read_connection},
    {"Expect", read_expect},
};

static enum http_parse read_field(struct http_parser *parser, struct str head, struct str line)
{
    if (line.p[0] == ' ' || line.p[0] == '\t')
        return fault(parser, 400, "a header must be on one line");
    size_t colon = str_find(line, ':');
    if (colon == line.n)
        return fault(parser, 400, "a header has no colon");
    struct str name = str_sub(line, 0, colon);
    if (!all_are(name, TOKEN))
        return fault(parser, 400, "a header name is empty or has forbidden bytes");
    if (parser->field_count == HTTP_FIELDS_MAX)
        return fault(parser, 431, "too many headers");

    struct str value = str_trim(str_from(line, colon + 1));
    parser->fields[parser->field_count++] =
        (struct http_field){span_of(head, name), span_of(head, value)};

    for (size_t i = 0; i < sizeof known_fields / sizeof known_fields[0]; i++)
        if (str_eq_case(name, str_of(known_fields[i].name)))
            return known_fields[i].read(parser, value);
    return HTTP_PARSE_MORE;
}

/* ---- the head ---- */

/* The empty line has arrived: the checks that need the whole head. */
static enum http_parse end_head(struct http_parser *parser)
{
    if (parser->hosts == 0 && !parser->version_1_0)
        return fault(parser, 400, "Host is missing");
    if (parser->chunked && parser->has_length)
        return fault(parser, 400, "send either Transfer-Encoding or Content-Length, not both");
    if (parser->chunked && parser->version_1_0)
        return fault(parser, 400, "HTTP/1.0 has no Transfer-Encoding; use Content-Length");

    /* RFC 9110 section 10.1.1: a HTTP/1.0 client cannot mean it. */
    if (parser->version_1_0)
        parser->expect_continue = false;
    else if (parser->expectation_unmet)
        return fault(parser, 417, "the only supported expectation is 100-continue");

    parser->keep_alive = !parser->close_asked && (!parser->version_1_0 || parser->keep_alive_asked);
    parser->head_size = parser->at;
    parser->left = parser->content_length;
    if (parser->chunked)
        parser->part = HTTP_PART_SIZE;
    else if (parser->left > 0)
        parser->part = HTTP_PART_DATA;
    else
        parser->part = HTTP_PART_END;
    return HTTP_PARSE_DONE;
}

static enum http_parse read_line(struct http_parser *parser, struct str head, struct str line)
{
    if (!parser->request_line_read) {
        if (line.n > 0 || parser->blank_skipped)
            return read_request_line(parser, head, line);
        parser->blank_skipped = true;
        return HTTP_PARSE_MORE;
    }
    return line.n > 0 ? read_field(parser, head, line) : end_head(parser);
}

void http_parser_init(struct http_parser *parser)
{
    *parser = (struct http_parser){0};
}

enum http_parse http_parse_head(struct http_parser *parser, struct str bytes)
{
    struct str head = str_sub(bytes, 0, HTTP_HEAD_MAX);
    for (;;) {
        parser->at += str_plain(str_from(head, parser->at));
        while (parser->at < head.n && byte_is(head.p[parser->at], TEXT))
            parser->at++;
        if (parser->at == head.n)
            break;
        if (head.p[parser->at] != '\r')
            return fault(
                parser, 400,
                "the request line or headers contain a control byte, or a line end without CR");
        if (parser->at + 1 == head.n)
            break;
        if (head.p[parser->at + 1] != '\n')
            return fault(parser, 400, "the request line or headers contain CR without LF");

        struct str line = str_sub(head, parser->line_at, parser->at - parser->line_at);
        parser->at += 2;
        parser->line_at = parser->at;
        enum http_parse result = read_line(parser, head, line);
        if (result != HTTP_PARSE_MORE)
            return result;
    }
    if (head.n < HTTP_HEAD_MAX)
        return HTTP_PARSE_MORE;
    return fault(parser, 431, "the request line and headers are longer than 16 KiB");
}

/* ---- the body (RFC 9112 sections 6 and 7) ---- */

bool http_parser_has_body(const struct http_parser *parser)
{
    return parser->chunked || parser->content_length > 0;
}

static enum http_parse body_too_long(struct http_parser *parser)
{
    return fault(parser, 413, "the body is longer than this call accepts");
}

enum http_parse http_parse_body_max(struct http_parser *parser, uint64_t body_max)
{
    parser->body_max = body_max;
    return parser->content_length > body_max ? body_too_long(parser) : HTTP_PARSE_DONE;
}

/* 1*HEXDIG CR: without chunk extensions, blanks or sign. */
static enum http_parse read_chunk_size(struct http_parser *parser, char c)
{
    int digit = hex_value(c);
    if (digit >= 0) {
        if (++parser->digits > 16)
            return fault(parser, 400, "a chunk size has too many digits");
        parser->left = parser->left << 4 | (uint64_t)digit;
        return HTTP_PARSE_MORE;
    }
    if (c != '\r' || parser->digits == 0)
        return fault(parser, 400, "a chunk size must consist of hex digits only");
    parser->part = HTTP_PART_SIZE_LF;
    return HTTP_PARSE_MORE;
}

static enum http_parse begin_chunk(struct http_parser *parser)
{
    parser->digits = 0;
    if (parser->left == 0) {
        parser->part = HTTP_PART_LAST_CR;
        return HTTP_PARSE_MORE;
    }
    if (parser->left > parser->body_max - parser->body_size)
        return body_too_long(parser);
    parser->body_size += parser->left;
    parser->part = HTTP_PART_DATA;
    return HTTP_PARSE_MORE;
}

/* One byte of the framing between the data. */
static enum http_parse read_framing(struct http_parser *parser, char c)
{
    /* The line ends: which byte must come, what is next, and what it is if another comes. */
    static const struct line_end {
        char byte;
        enum http_part next;
        const char *detail;
    } line_ends[] = {
        [HTTP_PART_SIZE_LF] = {'\n', HTTP_PART_DATA, "CR without LF after a chunk size"},
        [HTTP_PART_DATA_CR] = {'\r', HTTP_PART_DATA_LF, "a chunk is longer than its size"},
        [HTTP_PART_DATA_LF] = {'\n', HTTP_PART_SIZE, "CR without LF after a chunk"},
        [HTTP_PART_LAST_CR] = {'\r', HTTP_PART_LAST_LF, "trailers are not accepted"},
        [HTTP_PART_LAST_LF] = {'\n', HTTP_PART_END, "CR without LF after the last chunk"},
    };
    if (parser->part == HTTP_PART_SIZE)
        return read_chunk_size(parser, c);
    const struct line_end *end = &line_ends[parser->part];
    if (c != end->byte)
        return fault(parser, 400, end->detail);
    if (parser->part == HTTP_PART_SIZE_LF)
        return begin_chunk(parser);
    parser->part = end->next;
    return HTTP_PARSE_MORE;
}

enum http_parse http_parse_body(struct http_parser *parser, struct str *bytes, struct str *ret_data)
{
    struct str data = STR("");
    while (bytes->n > 0 && parser->part != HTTP_PART_DATA && parser->part != HTTP_PART_END) {
        if (read_framing(parser, bytes->p[0]) == HTTP_PARSE_FAULT)
            return HTTP_PARSE_FAULT;
        *bytes = str_from(*bytes, 1);
    }
    if (bytes->n > 0 && parser->part == HTTP_PART_DATA) {
        data = str_sub(*bytes, 0, parser->left < bytes->n ? (size_t)parser->left : bytes->n);
        *bytes = str_from(*bytes, data.n);
        parser->left -= data.n;
        if (parser->left == 0)
            parser->part = parser->chunked ? HTTP_PART_DATA_CR : HTTP_PART_END;
    }
    *ret_data = data;
    return parser->part == HTTP_PART_END ? HTTP_PARSE_DONE : HTTP_PARSE_MORE;
}
