/*
 * A small server on the HTTP library, for the black-box tests: it answers each request with what it
 * understood of it, as JSON. Bytes are written as code points 0 to 255, so nothing is lost.
 *
 *   echo_server ADDRESS [--control] [--scale PERCENT] [--waste FILES] [--drain MS] [--quiet]
 *
 * Prints "listening ADDRESS", then (unless quiet) a line for each answer. SIGTERM drains and ends
 * it.
 *
 *   /big?N     answers N bytes
 *   /static    answers 8 MiB that are not copied
 *   /later?MS  answers after MS milliseconds, as if a lane worked on it
 *   /small     takes a body of at most 1,000 bytes
 *   /nobody    takes no body
 *   /close     closes after the answer
 *   /early?MS  is asked before the body, and MS milliseconds later takes it in pieces; it stops at
 *              a piece that begins with "!"
 *   /refused   refuses before the body
 *   /split     tries to send a header with a line end in it
 *
 * In pieces of 64 KiB, N bytes, each piece with a line "made TOTAL", and "ended whole" or "ended
 * cut":
 *
 *   /stream?N  made on the spot
 *   /lane?N    each piece by another thread
 *   /length?N  on the spot, with Content-Length
 *   /broken?N  and then no more, though there should be
 *   /short?N   with a Content-Length that is one too many
 *   /held?N    each piece but the first when somebody asks for /release
 */
#include "http/stream.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct echo {
    uv_loop_t loop;
    uv_signal_t stop;
    struct http_server *server;
    int drain_ms;
};

/* An answer that comes later, or a body that is read in pieces. */
struct later {
    uv_timer_t timer;
    struct http_request *request;
    struct buf body;
};

static void add_text(struct buf *out, struct str text)
{
    buf_char(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c >= ' ' && c < 0x7F && c != '"' && c != '\\')
            buf_char(out, (char)c);
        else
            buf_printf(out, "\\u%04x", c);
    }
    buf_char(out, '"');
}

static void add_member(struct buf *out, const char *name, struct str text)
{
    buf_printf(out, ",\"%s\":", name);
    if (text.p == NULL)
        BUF_LIT(out, "null");
    else
        add_text(out, text);
}

static void add_request(struct buf *out, const struct http_request *request)
{
    buf_printf(out, "{\"control\":%s,\"uid\":%u", request->control ? "true" : "false",
               request->peer_uid);
    add_member(out, "method", request->method);
    add_member(out, "target", request->target);
    add_member(out, "path", request->path);
    add_member(out, "query", request->query);
    add_member(out, "peer", request->peer);
    add_member(out, "body", request->body);
    BUF_LIT(out, ",\"headers\":[");
    for (size_t i = 0; i < request->header_count; i++) {
        buf_add(out, i == 0 ? STR("[") : STR(",["));
        add_text(out, request->headers[i].name);
        buf_char(out, ',');
        add_text(out, request->headers[i].value);
        buf_char(out, ']');
    }
    BUF_LIT(out, "]}\n");
}

static uint64_t query_number(const struct http_request *request)
{
    uint64_t number = 0;
    return str_to_u64(request->query, 1 << 30, &number) ? number : 0;
}

static void answer(struct http_request *request)
{
    struct http_header headers[] = {
        {STR("Content-Type"), STR("application/json")},
        {STR("X-Text"), STR("one\r\nX-Forged: two")},
    };
    struct http_response response = {.status = 200, .headers = headers, .header_count = 1};
    struct buf body;
    buf_init(&body, SIZE_MAX);
    if (str_eq(request->path, STR("/big"))) {
        const struct str letters = STR("abcdefghijklmnopqrstuvwxyz");
        for (uint64_t size = query_number(request); body.n < size && buf_err(&body) == ERR_OK;)
            buf_add(&body, str_sub(letters, 0, size - body.n));
    } else {
        add_request(&body, request);
    }
    if (str_eq(request->path, STR("/static"))) {
        static char zeroes[8 * 1024 * 1024];
        response.body = (struct str){zeroes, sizeof zeroes};
        response.body_stays = true;
    }
    response.header_count = str_eq(request->path, STR("/split")) ? 2 : 1;
    response.close = str_eq(request->path, STR("/close"));
    if (buf_err(&body) != ERR_OK)
        response.status = 500;
    else if (response.body.p == NULL)
        response.body = buf_str(&body);
    http_respond(request, &response);
    buf_finish(&body);
}

static void later_closed(uv_handle_t *timer)
{
    free(timer->data);
}

static void later_fired(uv_timer_t *timer)
{
    struct later *later = timer->data;
    answer(later->request);
    uv_close((uv_handle_t *)timer, later_closed);
}

/* ---- answers in pieces ---- */

enum { PIECE = 64 * 1024 };

struct pieces {
    struct http_request *request;
    struct buf piece;
    uint64_t made, size;
    uv_loop_t *loop;
    uv_work_t work;
    bool broken, lane, held;
};

static struct pieces *held; /* it waits for /release */

static void piece_make(struct pieces *pieces)
{
    buf_clear(&pieces->piece);
    for (; pieces->piece.n < PIECE && pieces->made < pieces->size; pieces->made++)
        buf_char(&pieces->piece, (char)('a' + pieces->made % 26));
}

static void piece_hand_over(struct pieces *pieces)
{
    bool last = pieces->made == pieces->size;
    printf("made %llu\n", (unsigned long long)pieces->made);
    if (last && pieces->broken)
        http_stream_cut(pieces->request);
    else
        http_stream_send(pieces->request, buf_str(&pieces->piece), last);
}

static void piece_work(uv_work_t *work)
{
    piece_make(work->data);
}

static void piece_worked(uv_work_t *work, int status)
{
    (void)status;
    piece_hand_over(work->data);
}

static void pieces_more(struct http_request *request)
{
    struct pieces *pieces = request->user;
    if (pieces->held) {
        held = pieces;
        puts("holding");
    } else if (pieces->lane) {
        uv_queue_work(pieces->loop, &pieces->work, piece_work, piece_worked);
    } else {
        piece_make(pieces);
        piece_hand_over(pieces);
    }
}

static void pieces_ended(struct http_request *request, bool whole)
{
    struct pieces *pieces = request->user;
    puts(whole ? "ended whole" : "ended cut");
    buf_finish(&pieces->piece);
    free(pieces);
}

static const struct http_stream stream = {pieces_more, pieces_ended};

static bool pieces_begin(struct echo *echo, struct http_request *request)
{
    static const char *const paths[] = {"/stream", "/lane",  "/length",
                                        "/broken", "/short", "/held"};
    bool known = false;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        known = known || str_eq(request->path, str_of(paths[i]));
    struct pieces *pieces = known ? calloc(1, sizeof *pieces) : NULL;
    if (pieces == NULL)
        return false;
    pieces->request = request;
    pieces->size = query_number(request);
    pieces->loop = &echo->loop;
    pieces->work.data = pieces;
    pieces->broken = str_eq(request->path, STR("/broken"));
    pieces->lane = str_eq(request->path, STR("/lane"));
    pieces->held = str_eq(request->path, STR("/held"));
    buf_init(&pieces->piece, 2 * PIECE);
    request->user = pieces;
    piece_make(pieces);
    struct http_response response = {.status = 200, .body = buf_str(&pieces->piece)};
    int64_t length = HTTP_LENGTH_UNKNOWN;
    if (str_eq(request->path, STR("/length")))
        length = (int64_t)pieces->size;
    else if (str_eq(request->path, STR("/short")))
        length = (int64_t)pieces->size + 1;
    http_stream_begin(request, &response, length, &stream);
    return true;
}

static void release(void)
{
    struct pieces *pieces = held;
    held = NULL;
    if (pieces != NULL) {
        piece_make(pieces);
        piece_hand_over(pieces);
    }
}

/* ---- bodies in pieces ---- */

static void early_end(struct http_request *request)
{
    struct later *later = request->user;
    request->body = buf_str(&later->body);
    answer(request);
    buf_finish(&later->body);
    uv_close((uv_handle_t *)&later->timer, later_closed);
}

static bool early_take(struct http_request *request, struct str piece)
{
    struct later *later = request->user;
    if (piece.p[0] == '!') {
        early_end(request);
        return false;
    }
    buf_add(&later->body, piece);
    return true;
}

static void early_gone(struct http_request *request)
{
    struct later *later = request->user;
    printf("gone after %zu\n", later->body.n);
    buf_finish(&later->body);
    uv_close((uv_handle_t *)&later->timer, later_closed);
}

static const struct http_reader early_reader = {early_take, early_end, early_gone};

static void early_fired(uv_timer_t *timer)
{
    struct later *later = timer->data;
    http_read_body(later->request, &early_reader);
}

static void open_early(void *arg, struct http_request *request)
{
    struct echo *echo = arg;
    struct http_response refusal = {.status = 403, .body = STR("{}")};
    struct later *later = NULL;
    if (str_eq(request->path, STR("/early")))
        later = calloc(1, sizeof *later);
    if (later == NULL) {
        http_respond(request, &refusal);
        return;
    }
    request->user = later;
    later->request = request;
    later->timer.data = later;
    buf_init(&later->body, SIZE_MAX);
    uv_timer_init(&echo->loop, &later->timer);
    if (query_number(request) == 0)
        http_read_body(request, &early_reader);
    else
        uv_timer_start(&later->timer, early_fired, query_number(request), 0);
}

static struct http_limits route(void *arg, struct http_request *request)
{
    (void)arg;
    struct http_limits limits = {.body_max = 24 * 1024 * 1024};
    if (str_eq(request->path, STR("/small")))
        limits.body_max = 1000;
    limits.early = str_eq(request->path, STR("/early")) || str_eq(request->path, STR("/refused"));
    limits.no_body = str_eq(request->path, STR("/nobody"));
    return limits;
}

static void handle(void *arg, struct http_request *request)
{
    struct echo *echo = arg;
    struct later *later;
    if (pieces_begin(echo, request))
        return;
    if (str_eq(request->path, STR("/release")))
        release();
    if (!str_eq(request->path, STR("/later")) || (later = calloc(1, sizeof *later)) == NULL) {
        answer(request);
        return;
    }
    later->request = request;
    later->timer.data = later;
    uv_timer_init(&echo->loop, &later->timer);
    uv_timer_start(&later->timer, later_fired, query_number(request), 0);
}

static void refuse(void *arg, struct http_request *request, int status, const char *detail,
                   struct http_response *response, struct buf *body)
{
    (void)arg;
    (void)request;
    (void)response;
    buf_printf(body, "{\"status\":%d,\"detail\":\"%s\"}\n", status, detail);
}

static void finished(void *arg, const struct http_request *request, int status, size_t bytes)
{
    (void)arg;
    printf("answered %d %zu %.*s\n", status, bytes, STR_ARG(request->path));
}

static void server_drained(void *arg)
{
    struct echo *echo = arg;
    puts("drained");
    http_server_close(echo->server, NULL, NULL);
    uv_close((uv_handle_t *)&echo->stop, NULL);
}

static void stop(uv_signal_t *signal, int number)
{
    struct echo *echo = signal->data;
    (void)number;
    puts("draining");
    http_server_drain(echo->server, echo->drain_ms, server_drained, echo);
}

int main(int argc, char **argv)
{
    struct echo echo = {.drain_ms = 5000};
    struct http_callbacks callbacks = {route, handle, open_early, refuse, finished, &echo};
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct op op = {.arena = &arena};
    struct str address = argc > 1 ? str_of(argv[1]) : STR("127.0.0.1:0");
    bool control = false;
    int scale = 100, waste = 0;
    for (int i = 2; i < argc; i++) {
        struct str option = str_of(argv[i]);
        int number = i + 1 < argc ? atoi(argv[i + 1]) : 0;
        if (str_eq(option, STR("--control")))
            control = true;
        else if (str_eq(option, STR("--quiet")))
            callbacks.finished = NULL;
        else if (str_eq(option, STR("--scale")))
            scale = number;
        else if (str_eq(option, STR("--waste")))
            waste = number;
        else if (str_eq(option, STR("--drain")))
            echo.drain_ms = number;
    }

    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&echo.loop);
    uv_signal_init(&echo.loop, &echo.stop);
    echo.stop.data = &echo;
    uv_signal_start(&echo.stop, stop, SIGTERM);
    if (http_server_create(&echo.loop, &callbacks, &echo.server) != ERR_OK)
        return 1;
    http_server_scale_deadlines(echo.server, scale);
    enum err err = http_server_listen(echo.server, &op, address, control, &address);
    for (int i = 0; i < waste; i++)
        (void)!open("/dev/null", O_RDONLY);
    if (err == ERR_OK) {
        printf("listening %.*s\n", STR_ARG(address));
    } else {
        printf("failed %s: %s\n", err_name(err), op.detail);
        http_server_close(echo.server, NULL, NULL);
        uv_close((uv_handle_t *)&echo.stop, NULL);
    }
    uv_run(&echo.loop, UV_RUN_DEFAULT);
    uv_loop_close(&echo.loop);
    arena_finish(&arena);
    return err == ERR_OK ? 0 : 1;
}
