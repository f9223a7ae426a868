/* The parser's promises: what is accepted and what it means, what is refused and how, and that
 * neither depends on how the bytes are cut. */
#include "tests.h"

#include "base/buf.h"
#include "http/parse.h"

enum { BODY_MAX = 1000 };

/* How the reading of one request ended. */
struct outcome {
    enum http_parse result; /* MORE: it was not complete */
    size_t used;            /* bytes up to its end */
    struct buf body;
    struct http_parser parser;
};

/* Reads the body as far as it is there. */
static void feed_body(struct outcome *outcome, struct str bytes, size_t available)
{
    struct str rest = str_sub(bytes, outcome->used, available - outcome->used);
    do {
        struct str data = STR_NONE;
        outcome->result = http_parse_body(&outcome->parser, &rest, &data);
        if (outcome->result == HTTP_PARSE_FAULT) {
            assert_null(data.p);
            return;
        }
        buf_add(&outcome->body, data);
    } while (outcome->result == HTTP_PARSE_MORE && rest.n > 0);
    outcome->used = (size_t)(rest.p - bytes.p);
}

/* Gives the parser the first `first` bytes, then `step` more each time, as a socket would. */
static void feed(struct outcome *outcome, struct str bytes, size_t first, size_t step)
{
    *outcome = (struct outcome){.result = HTTP_PARSE_MORE};
    buf_init(&outcome->body, 1 << 20);
    http_parser_init(&outcome->parser);
    bool head = true;
    size_t available = 0;
    while (outcome->result == HTTP_PARSE_MORE && available < bytes.n) {
        size_t more = available == 0 ? first : step;
        available = more < bytes.n - available ? available + more : bytes.n;
        if (head) {
            outcome->result = http_parse_head(&outcome->parser, str_sub(bytes, 0, available));
            if (outcome->result != HTTP_PARSE_DONE)
                continue;
            head = false;
            outcome->used = outcome->parser.head_size;
            outcome->result = http_parse_body_max(&outcome->parser, BODY_MAX);
            if (outcome->result == HTTP_PARSE_FAULT)
                return;
        }
        feed_body(outcome, bytes, available);
    }
}

static struct str at_span(struct str bytes, struct http_span span)
{
    return str_sub(bytes, span.at, span.n);
}

static void assert_same(const struct outcome *a, const struct outcome *b)
{
    assert_int_equal(a->result, b->result);
    assert_int_equal(a->parser.status, b->parser.status);
    assert_ptr_equal(a->parser.detail, b->parser.detail);
    if (a->result != HTTP_PARSE_DONE)
        return;
    assert_int_equal(a->used, b->used);
    assert_true(str_eq(buf_str(&a->body), buf_str(&b->body)));
    assert_int_equal(a->parser.field_count, b->parser.field_count);
    assert_memory_equal(a->parser.fields, b->parser.fields,
                        a->parser.field_count * sizeof a->parser.fields[0]);
}

/* Reads it whole, and cut once at each byte, and byte by byte: always the same. */
static void feed_in_all_ways(struct outcome *outcome, struct str bytes)
{
    struct outcome other;
    feed(outcome, bytes, bytes.n, 1);
    for (size_t cut = 1; cut < bytes.n; cut++) {
        feed(&other, bytes, cut, bytes.n);
        assert_same(&other, outcome);
        buf_finish(&other.body);
    }
    feed(&other, bytes, 1, 1);
    assert_same(&other, outcome);
    buf_finish(&other.body);
}

/* Ended with this status, 0 for a request that is accepted; names it when not. */
static void assert_ended(const struct outcome *outcome, struct str bytes, int status)
{
    if (outcome->result == (status == 0 ? HTTP_PARSE_DONE : HTTP_PARSE_FAULT) &&
        outcome->parser.status == status)
        return;
    struct buf text;
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < bytes.n; i++)
        buf_printf(&text, bytes.p[i] >= ' ' ? "%c" : "\\x%02x", bytes.p[i]);
    fail_msg("%.*s: %d (%s), not %d", STR_ARG(buf_str(&text)), outcome->parser.status,
             outcome->parser.detail, status);
}

/* ---- what is accepted ---- */

static const struct accepted {
    const char *bytes;
    const char *method, *path, *query, *body; /* query NULL: there is none */
    bool keep_alive;
} accepted[] = {
    {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/", NULL, "", true},
    {"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/", NULL, "", true},
    {"GET /a/b?c=d?e HTTP/1.1\r\nHost: a:80\r\n\r\n", "GET", "/a/b", "c=d?e", "", true},
    {"GET /a? HTTP/1.1\r\nHost:a\r\n\r\n", "GET", "/a", "", "", true},
    {"GET /%00/../x HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", "GET", "/%00/../x", NULL, "", true},
    {"GET http://b/x?y HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/x", "y", "", true},
    {"GET HTTPS://b:443 HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "", NULL, "", true},
    {"GET http://b?y HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "", "y", "", true},
    {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS", "*", NULL, "", true},
    {"x-Y.z!# / HTTP/1.1\r\nHost: a\r\n\r\n", "x-Y.z!#", "/", NULL, "", true},
    {"GET /\xC3\xA4#\"<>\\^`{|} HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/\xC3\xA4#\"<>\\^`{|}", NULL,
     "", true},
    {"GET / HTTP/1.0\r\n\r\n", "GET", "/", NULL, "", false},
    {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET", "/", NULL, "", true},
    {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", "GET", "/", NULL, "", false},
    {"GET / HTTP/1.0\r\nExpect: something\r\n\r\n", "GET", "/", NULL, "", false},
    {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", "GET", "/", NULL, "", true},
    {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET", "/", NULL, "", false},
    {"GET / HTTP/1.1\r\nHost: a\r\nConnection: x,\tCLOSE , y\r\n\r\n", "GET", "/", NULL, "", false},
    {"GET / HTTP/1.1\r\nHost: a\r\nConnection: x\r\nConnection: close\r\n\r\n", "GET", "/", NULL,
     "", false},
    {"GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n", "GET", "/", NULL, "", true},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "POST", "/", NULL, "hello",
     true},
    {"POST / HTTP/1.1\r\nHost: a\r\ncontent-length:0005\t \r\n\r\nhello", "POST", "/", NULL,
     "hello", true},
    {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "GET", "/", NULL, "", true},
    {"POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi", "POST", "/", NULL, "hi", false},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
     "5\r\nhello\r\n00C\r\n, big\r\nworld\r\n1\r\n!\r\n000\r\n\r\n",
     "POST", "/", NULL, "hello, big\r\nworld!", true},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "POST", "/", NULL,
     "", true},
    {"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\nx", "POST",
     "/", NULL, "x", true},
    {"GET / HTTP/1.1\r\nHost: a\r\nEmpty:\r\nText: \t a \x80\xFF\tb \t \r\n\r\n", "GET", "/", NULL,
     "", true},
};

static void requests_are_understood_however_they_are_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
        const struct accepted *want = &accepted[i];
        struct str bytes = str_of(want->bytes);
        struct outcome outcome;
        feed_in_all_ways(&outcome, bytes);
        assert_ended(&outcome, bytes, 0);
        assert_int_equal(outcome.used, bytes.n);
        assert_str(at_span(bytes, outcome.parser.method), want->method);
        assert_str(at_span(bytes, outcome.parser.path), want->path);
        assert_int_equal(outcome.parser.query.at > 0, want->query != NULL);
        if (want->query != NULL)
            assert_str(at_span(bytes, outcome.parser.query), want->query);
        assert_str(buf_str(&outcome.body), want->body);
        assert_int_equal(outcome.parser.keep_alive, want->keep_alive);
        buf_finish(&outcome.body);
    }
}

static void a_request_ends_where_the_next_begins(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
        struct str first = str_of(accepted[i].bytes);
        for (size_t j = 0; j < sizeof accepted / sizeof accepted[0]; j++) {
            struct outcome outcome;
            struct buf both;
            buf_init(&both, 4096);
            buf_add(&both, first);
            buf_add(&both, str_of(accepted[j].bytes));
            feed(&outcome, buf_str(&both), both.n, 1);
            assert_int_equal(outcome.result, HTTP_PARSE_DONE);
            assert_int_equal(outcome.used, first.n);
            assert_str(buf_str(&outcome.body), accepted[i].body);
            buf_finish(&outcome.body);
            buf_finish(&both);
        }
    }
}

static void values_lose_the_blanks_around_them_only(void **state)
{
    (void)state;
    struct str bytes =
        STR("GET / HTTP/1.1\r\nHost: a\r\nX-Text:\t  a\t b  \t\r\nEmpty: \t\r\n\r\n");
    struct outcome outcome;
    feed(&outcome, bytes, bytes.n, 1);
    assert_int_equal(outcome.parser.field_count, 3);
    assert_str(at_span(bytes, outcome.parser.fields[1].name), "X-Text");
    assert_str(at_span(bytes, outcome.parser.fields[1].value), "a\t b");
    assert_int_equal(outcome.parser.fields[2].value.n, 0);
    buf_finish(&outcome.body);
}

/* ---- what is refused ---- */

#define LINE       "POST / HTTP/1.1\r\n"
#define HEAD       LINE "Host: a\r\n"
#define CHUNKED    HEAD "Transfer-Encoding: chunked\r\n\r\n"
#define WITH(s, n) ((struct str){(s), (n)})
#define REFUSED(s) {(s), sizeof(s) - 1}

static const struct refused {
    int status;
    struct str bytes;
} refused[] = {
    /* Transfer-Encoding and Content-Length */
    {400, REFUSED(HEAD "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n")},
    {400, REFUSED(HEAD "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")},
    {400, REFUSED(HEAD "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")},
    {400, REFUSED("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")},
    /* Content-Length repeated, listed, or no number */
    {400, REFUSED(HEAD "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx")},
    {400, REFUSED(HEAD "Content-Length: 1\r\nX: y\r\ncontent-length: 2\r\n\r\nxy")},
    {400, REFUSED(HEAD "Content-Length: 1, 1\r\n\r\nx")},
    {400, REFUSED(HEAD "Content-Length: 1,\r\n\r\nx")},
    {400, REFUSED(HEAD "Content-Length: +1\r\n\r\nx")},
    {400, REFUSED(HEAD "Content-Length: -1\r\n\r\nx")},
    {400, REFUSED(HEAD "Content-Length: 0x1\r\n\r\nx")},
    {400, REFUSED(HEAD "Content-Length: 1 1\r\n\r\nx")},
    {400, REFUSED(HEAD "Content-Length: \"1\"\r\n\r\nx")},
    {400, REFUSED(HEAD "Content-Length:\r\n\r\n")},
    /* blanks and bytes in names */
    {400, REFUSED(HEAD "Content-Length : 1\r\n\r\nx")},
    {400, REFUSED(HEAD "Content-Length\t: 1\r\n\r\nx")},
    {400, REFUSED(HEAD ": b\r\n\r\n")},
    {400, REFUSED(HEAD ":\r\n\r\n")},
    {400, REFUSED(HEAD "a b: c\r\n\r\n")},
    {400, REFUSED(HEAD "a(: c\r\n\r\n")},
    {400, REFUSED(HEAD "\xC3\xA4: c\r\n\r\n")},
    {400, REFUSED(HEAD "\x01x: c\r\n\r\n")},
    {400, REFUSED(HEAD "no colon\r\n\r\n")},
    /* line ends */
    {400, REFUSED("POST / HTTP/1.1\nHost: a\r\n\r\n")},
    {400, REFUSED(HEAD "X: y\n\r\n")},
    {400, REFUSED(HEAD "X: y\r\n\n")},
    {400, REFUSED(HEAD "X: y\r\nZ: \n\r\n")},
    {400, REFUSED(HEAD "X: y\rZ: z\r\n\r\n")},
    {400, REFUSED(HEAD "X: y\r\r\n\r\n")},
    {400, REFUSED("POST / HTTP/1.1\rHost: a\r\r")},
    {400, REFUSED("\nPOST / HTTP/1.1\r\nHost: a\r\n\r\n")},
    {400, REFUSED("\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\n\r\n")},
    /* NUL and other control bytes */
    {400, REFUSED("POST /\0 HTTP/1.1\r\nHost: a\r\n\r\n")},
    {400, REFUSED(HEAD "X: a\0b\r\n\r\n")},
    {400, REFUSED(HEAD "X\0: a\r\n\r\n")},
    {400, REFUSED(HEAD "X: a\x01\r\n\r\n")},
    {400, REFUSED(HEAD "X: a\x7F\r\n\r\n")},
    {400, REFUSED(HEAD "X: a\x0B\r\n\r\n")},
    /* folded headers */
    {400, REFUSED(HEAD "X: a\r\n b\r\n\r\n")},
    {400, REFUSED(HEAD "X: a\r\n\tb\r\n\r\n")},
    {400, REFUSED(LINE " Host: a\r\n\r\n")},
    {400, REFUSED(HEAD "X: a\r\n \r\n\r\n")},
    /* other transfer codings */
    {400, REFUSED(HEAD "Transfer-Encoding: gzip\r\n\r\n")},
    {400, REFUSED(HEAD "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")},
    {400, REFUSED(HEAD "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n")},
    {400, REFUSED(HEAD "Transfer-Encoding: chunked;x\r\n\r\n0\r\n\r\n")},
    {400, REFUSED(HEAD "Transfer-Encoding: identity\r\n\r\n")},
    {400, REFUSED(HEAD "Transfer-Encoding: xchunked\r\n\r\n")},
    {400, REFUSED(HEAD "Transfer-Encoding: \"chunked\"\r\n\r\n")},
    {400, REFUSED(HEAD "Transfer-Encoding:\r\n\r\n")},
    {400,
     REFUSED(HEAD "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")},
    /* chunks */
    {400, REFUSED(CHUNKED "1;x=y\r\na\r\n0\r\n\r\n")},
    {400, REFUSED(CHUNKED "1;\r\na\r\n0\r\n\r\n")},
    {400, REFUSED(CHUNKED "1 \r\na\r\n0\r\n\r\n")},
    {400, REFUSED(CHUNKED " 1\r\na\r\n0\r\n\r\n")},
    {400, REFUSED(CHUNKED "0x1\r\na\r\n0\r\n\r\n")},
    {400, REFUSED(CHUNKED "+1\r\na\r\n0\r\n\r\n")},
    {400, REFUSED(CHUNKED "-1\r\na\r\n0\r\n\r\n")},
    {400, REFUSED(CHUNKED "\r\na\r\n0\r\n\r\n")},
    {400, REFUSED(CHUNKED "g\r\na\r\n0\r\n\r\n")},
    {400, REFUSED(CHUNKED "1\na\r\n0\r\n\r\n")},
    {400, REFUSED(CHUNKED "1\r\na\n0\r\n\r\n")},
    {400, REFUSED(CHUNKED "1\r\nab\r\n0\r\n\r\n")},
    {400, REFUSED(CHUNKED "1\r\na\rb0\r\n\r\n")},
    {400, REFUSED(CHUNKED "1\r\na\r\n0\r\n\n")},
    {400, REFUSED(CHUNKED "1\r\na\r\n0\n\r\n")},
    {400, REFUSED(CHUNKED "1\ra\r\n0\r\n\r\n")},
    {400, REFUSED(CHUNKED "00000000000000001\r\na\r\n0\r\n\r\n")},
    {413, REFUSED(CHUNKED "3E9\r\n")},
    {413, REFUSED(CHUNKED "1\r\na\r\n3e8\r\n")},
    {413, REFUSED(CHUNKED "1\r\na\r\nffffffffffffffff\r\n")},
    {413, REFUSED(HEAD "Content-Length: 1001\r\n\r\n")},
    {413, REFUSED(HEAD "Content-Length: 18446744073709551616\r\n\r\n")},
    {413, REFUSED(HEAD "Content-Length: 99999999999999999999999999999999\r\n\r\n")},
    /* trailers */
    {400, REFUSED(CHUNKED "1\r\na\r\n0\r\nX: y\r\n\r\n")},
    {400, REFUSED(CHUNKED "0\r\nContent-Length: 3\r\n\r\n")},
    /* Host */
    {400, REFUSED(LINE "\r\n")},
    {400, REFUSED(LINE "X: y\r\n\r\n")},
    {400, REFUSED(HEAD "Host: a\r\n\r\n")},
    {400, REFUSED(HEAD "hOST: b\r\n\r\n")},
    {400, REFUSED("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n")},
    {400, REFUSED(LINE "Host:\r\n\r\n")},
    {400, REFUSED(LINE "Host: a b\r\n\r\n")},
    {400, REFUSED(LINE "Host: a/b\r\n\r\n")},
    {400, REFUSED(LINE "Host: user@a\r\n\r\n")},
    {400, REFUSED(LINE "Host: a:b\r\n\r\n")},
    {400, REFUSED(LINE "Host: a:1:2\r\n\r\n")},
    {400, REFUSED(LINE "Host: :80\r\n\r\n")},
    {400, REFUSED(LINE "Host: [::1\r\n\r\n")},
    {400, REFUSED(LINE "Host: []\r\n\r\n")},
    {400, REFUSED(LINE "Host: [::1]x\r\n\r\n")},
    {400, REFUSED("GET http://c/ HTTP/1.1\r\n\r\n")},
    /* the request line */
    {400, REFUSED("GET  / HTTP/1.1\r\nHost: a\r\n\r\n")},
    {400, REFUSED("GET /  HTTP/1.1\r\nHost: a\r\n\r\n")},
    {400, REFUSED("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n")},
    {400, REFUSED(" GET / HTTP/1.1\r\nHost: a\r\n\r\n")},
    {400, REFUSED("GET / HTTP/1.1 \r\nHost: a\r\n\r\n")},
    {400, REFUSED("GET / x HTTP/1.1\r\nHost: a\r\n\r\n")},
    {400, REFUSED("GET  HTTP/1.1\r\nHost: a\r\n\r\n")},
    {400, REFUSED("GET HTTP/1.1\r\nHost: a\r\n\r\n")},
    {400, REFUSED("GET /\r\n")},
    {400, REFUSED("GET / \r\n")},
    {400, REFUSED("GET / http/1.1\r\nHost: a\r\n\r\n")},
    {400, REFUSED("GET / HTTP/1\r\nHost: a\r\n\r\n")},
    {400, REFUSED("GET / HTTP/1.10\r\nHost: a\r\n\r\n")},
    {400, REFUSED("GET / HTTP/11\r\nHost: a\r\n\r\n")},
    {400, REFUSED("GE(T / HTTP/1.1\r\nHost: a\r\n\r\n")},
    {400, REFUSED("GET x HTTP/1.1\r\nHost: a\r\n\r\n")},
    {400, REFUSED("GET * HTTP/1.1\r\nHost: a\r\n\r\n")},
    {400, REFUSED("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n")},
    {400, REFUSED("GET http://u@b/x HTTP/1.1\r\nHost: a\r\n\r\n")},
    {400, REFUSED("GET ftp://b/x HTTP/1.1\r\nHost: a\r\n\r\n")},
    {400, REFUSED("CONNECT b:443 HTTP/1.1\r\nHost: b\r\n\r\n")},
    {505, REFUSED("GET / HTTP/2.0\r\nHost: a\r\n\r\n")},
    {505, REFUSED("GET / HTTP/0.9\r\nHost: a\r\n\r\n")},
    {505, REFUSED("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")},
    /* expectations */
    {417, REFUSED(HEAD "Expect: 200-ok\r\n\r\n")},
    {417, REFUSED(HEAD "Expect: 100-continue, x\r\n\r\n")},
};

static void broken_framing_is_refused_however_it_is_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct outcome outcome;
        feed_in_all_ways(&outcome, refused[i].bytes);
        assert_ended(&outcome, refused[i].bytes, refused[i].status);
        assert_non_null(outcome.parser.detail);
        buf_finish(&outcome.body);
    }
}

static void a_fault_is_seen_at_its_first_byte(void **state)
{
    (void)state;
    /* Nobody has to wait for the end of a line, or of the head, to learn that it is lost. */
    static const char *const beginnings[] = {
        "GET / HTTP/1.1\n", "GET / HTTP/1.1\rH", HEAD "X: \x01", HEAD " ",
        HEAD "X: a\n",      CHUNKED "1;",        CHUNKED "x",    CHUNKED "0\r\nX",
    };
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        struct outcome outcome;
        feed(&outcome, str_of(beginnings[i]), strlen(beginnings[i]), 1);
        /* A folded line is the one fault that is found at the line's end. */
        bool folded = strcmp(beginnings[i], HEAD " ") == 0;
        assert_int_equal(outcome.result, folded ? HTTP_PARSE_MORE : HTTP_PARSE_FAULT);
        buf_finish(&outcome.body);
    }
}

/* ---- the limits ---- */

/* A request whose head has exactly `n` bytes, by one long header or by a long target. */
static void make_head(struct buf *head, size_t n, bool long_target)
{
    static const char rest[] = " HTTP/1.1\r\nHost: a\r\nX: ";
    buf_init(head, 1 << 20);
    BUF_LIT(head, "GET /");
    size_t filling = n - head->n - (sizeof rest - 1) - 4;
    for (size_t i = 0; long_target && i < filling; i++)
        buf_char(head, 'x');
    BUF_LIT(head, rest);
    for (size_t i = 0; !long_target && i < filling; i++)
        buf_char(head, 'x');
    BUF_LIT(head, "\r\n\r\n");
    assert_int_equal(head->n, n);
}

static void a_head_may_have_16_kib_and_no_more(void **state)
{
    (void)state;
    for (int long_target = 0; long_target < 2; long_target++) {
        struct buf head;
        struct outcome outcome;
        make_head(&head, HTTP_HEAD_MAX, long_target);
        feed(&outcome, buf_str(&head), head.n, 1);
        assert_int_equal(outcome.result, HTTP_PARSE_DONE);
        buf_finish(&outcome.body);
        buf_finish(&head);

        make_head(&head, HTTP_HEAD_MAX + 1, long_target);
        for (size_t step = 1; step < 40000; step = step * 3 + 1) {
            feed(&outcome, buf_str(&head), step, step);
            assert_int_equal(outcome.result, HTTP_PARSE_FAULT);
            assert_int_equal(outcome.parser.status, 431);
            buf_finish(&outcome.body);
        }
        buf_finish(&head);
    }
}

static void a_request_line_that_never_ends_is_431(void **state)
{
    (void)state;
    struct buf line;
    struct outcome outcome;
    buf_init(&line, 1 << 20);
    BUF_LIT(&line, "GET /");
    while (line.n < HTTP_HEAD_MAX)
        buf_char(&line, 'x');
    feed(&outcome, str_sub(buf_str(&line), 0, HTTP_HEAD_MAX - 1), 1000, 1000);
    assert_int_equal(outcome.result, HTTP_PARSE_MORE);
    buf_finish(&outcome.body);
    feed(&outcome, buf_str(&line), 1000, 1000);
    assert_int_equal(outcome.parser.status, 431);
    buf_finish(&outcome.body);
    buf_finish(&line);
}

static void a_hundred_headers_and_no_more(void **state)
{
    (void)state;
    for (int extra = 0; extra < 2; extra++) {
        struct buf head;
        struct outcome outcome;
        buf_init(&head, 1 << 20);
        BUF_LIT(&head, "GET / HTTP/1.1\r\nHost: a\r\n");
        for (int i = 1; i < HTTP_FIELDS_MAX + extra; i++)
            BUF_LIT(&head, "a:\r\n");
        BUF_LIT(&head, "\r\n");
        feed(&outcome, buf_str(&head), head.n, 1);
        assert_int_equal(outcome.result, extra ? HTTP_PARSE_FAULT : HTTP_PARSE_DONE);
        assert_int_equal(outcome.parser.status, extra ? 431 : 0);
        buf_finish(&outcome.body);
        buf_finish(&head);
    }
}

static void a_body_may_reach_its_limit(void **state)
{
    (void)state;
    static const char *const heads[] = {
        HEAD "Content-Length: 1000\r\n\r\n",
        HEAD "Transfer-Encoding: chunked\r\n\r\n3e8\r\n",
    };
    static const char *const tails[] = {"", "\r\n0\r\n\r\n"};
    for (size_t i = 0; i < 2; i++) {
        struct buf bytes;
        struct outcome outcome;
        buf_init(&bytes, 1 << 20);
        buf_add(&bytes, str_of(heads[i]));
        for (int n = 0; n < BODY_MAX; n++)
            buf_char(&bytes, '\0');
        buf_add(&bytes, str_of(tails[i]));
        feed_in_all_ways(&outcome, buf_str(&bytes));
        assert_int_equal(outcome.result, HTTP_PARSE_DONE);
        assert_int_equal(outcome.body.n, BODY_MAX);
        buf_finish(&outcome.body);
        buf_finish(&bytes);
    }
}

static void half_a_request_asks_for_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
        struct str bytes = str_of(accepted[i].bytes);
        for (size_t n = 0; n < bytes.n; n++) {
            struct outcome outcome;
            feed(&outcome, str_sub(bytes, 0, n), n, 1);
            assert_int_equal(outcome.result, HTTP_PARSE_MORE);
            buf_finish(&outcome.body);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_understood_however_they_are_cut),
        cmocka_unit_test(a_request_ends_where_the_next_begins),
        cmocka_unit_test(values_lose_the_blanks_around_them_only),
        cmocka_unit_test(broken_framing_is_refused_however_it_is_cut),
        cmocka_unit_test(a_fault_is_seen_at_its_first_byte),
        cmocka_unit_test(a_head_may_have_16_kib_and_no_more),
        cmocka_unit_test(a_request_line_that_never_ends_is_431),
        cmocka_unit_test(a_hundred_headers_and_no_more),
        cmocka_unit_test(a_body_may_reach_its_limit),
        cmocka_unit_test(half_a_request_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
