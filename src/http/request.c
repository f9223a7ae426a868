#include "http/request.h"

#include "base/clock.h"
#include "base/container.h"

#include <stdlib.h>

struct request *request_of(struct http_request *http)
{
    return container_of(http, struct request, http);
}

static void request_free(struct request *request)
{
    arena_finish(&request->http.arena);
    buf_finish(&request->body);
    free(request);
}

void request_pool_finish(struct request_pool *pool)
{
    while (pool->spare != NULL) {
        struct request *request = pool->spare;
        pool->spare = request->next;
        request_free(request);
    }
    pool->spare_count = 0;
}

struct request *request_take(struct request_pool *pool)
{
    struct request *request = pool->spare;
    if (request != NULL) {
        pool->spare = request->next;
        pool->spare_count--;
        request->next = NULL;
    } else {
        request = calloc(1, sizeof *request);
        if (request == NULL)
            return NULL;
        arena_init(&request->http.arena, HTTP_ARENA_MAX);
        buf_init(&request->body, SIZE_MAX);
    }
    request->http.started = clock_ticks();
    http_parser_init(&request->parser);
    return request;
}

/* What of a body counts in the sum of all. */
static size_t counted(size_t size)
{
    return size > HTTP_BODY_FREE ? size - HTTP_BODY_FREE : 0;
}

bool request_count_body(struct request_pool *pool, struct request *request, size_t n)
{
    pool->bodies += counted(request->body_size + n) - counted(request->body_size);
    request->body_size += n;
    return pool->bodies <= HTTP_BODIES_MAX || request->body_size <= HTTP_BODY_FREE;
}

bool request_cut_body(struct request *request)
{
    if (request == NULL || request->reader == NULL)
        return false;
    const struct http_reader *reader = request->reader;
    request->reader = NULL;
    reader->gone(&request->http);
    return true;
}

void request_give_back(struct request_pool *pool, struct request *request)
{
    if (request == NULL)
        return;
    pool->bodies -= counted(request->body_size);
    request->body_size = 0;
    request->unread = false;
    if (pool->spare_count == HTTP_REQUESTS_SPARE) {
        request_free(request);
        return;
    }
    arena_reset(&request->http.arena);
    buf_clear(&request->body);
    if (request->body.capacity > HTTP_REQUEST_SPARE_BODY_MAX)
        buf_finish(&request->body);
    request->http = (struct http_request){.arena = request->http.arena};
    request->stream = (struct request_stream){0};
    request->connection = NULL;
    request->next = pool->spare;
    pool->spare = request;
    pool->spare_count++;
}

static struct str at_span(struct str head, struct http_span span)
{
    return str_sub(head, span.at, span.n);
}

enum err request_fill(struct request *request, struct str bytes)
{
    struct http_request *http = &request->http;
    const struct http_parser *parser = &request->parser;

    struct str head = arena_str(&http->arena, str_sub(bytes, 0, parser->at));
    if (head.p == NULL)
        return ERR_MEMORY;
    http->method = at_span(head, parser->method);
    http->target = at_span(head, parser->target);
    if (parser->target.n > 0)
        http->path = parser->path.n > 0 ? at_span(head, parser->path) : STR("/");
    http->query = parser->query.at > 0 ? at_span(head, parser->query) : STR_NONE;
    if (parser->head_size == 0)
        return ERR_OK;

    struct http_header *headers =
        ARENA_ARRAY(&http->arena, struct http_header, parser->field_count);
    if (headers == NULL)
        return ERR_MEMORY;
    for (unsigned i = 0; i < parser->field_count; i++)
        headers[i] = (struct http_header){at_span(head, parser->fields[i].name),
                                          at_span(head, parser->fields[i].value)};
    http->headers = headers;
    http->header_count = parser->field_count;
    return ERR_OK;
}

struct str http_header_get(const struct http_request *request, struct str name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (str_eq_case(request->headers[i].name, name))
            return request->headers[i].value;
    return STR_NONE;
}

size_t http_header_count(const struct http_request *request, struct str name)
{
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++)
        if (str_eq_case(request->headers[i].name, name))
            count++;
    return count;
}
