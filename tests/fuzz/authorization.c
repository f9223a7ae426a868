/*
 * api/authorization against any bytes. Oracle: an accepted Bearer token is the end of the header
 * and has only the characters of a token; accepted Basic credentials, encoded again, give the same
 * id and secret.
 */
#include "api/authorization.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void encode(struct buf *buf, struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        buf_printf(buf, "%%%02x", (unsigned char)text.p[i]);
}

static void check_bearer(struct str header, struct str token)
{
    must(token.n > 0 && token.p + token.n == header.p + header.n);
    for (size_t i = 0; i < token.n; i++)
        must(token.p[i] > ' ' && token.p[i] < 0x7f && strchr("\",;\\", token.p[i]) == NULL);
}

static void check_basic(struct op *op, const struct authorization *authorization)
{
    struct authorization again;
    struct buf plain, header;
    buf_init(&plain, 64 * 1024);
    buf_init(&header, 64 * 1024);
    must(utf8_valid(authorization->user) && utf8_valid(authorization->secret));
    must(str_find(authorization->user, '\0') == authorization->user.n);
    must(str_find(authorization->secret, '\0') == authorization->secret.n);
    encode(&plain, authorization->user);
    buf_char(&plain, ':');
    encode(&plain, authorization->secret);
    BUF_LIT(&header, "Basic ");
    buf_base64(&header, plain.p, plain.n);
    must(buf_err(&header) == ERR_OK);
    /* Encoding makes it up to three times as long, which may be more than is taken. */
    if (plain.n <= 1000) {
        must(authorization_read(op, buf_str(&header), &again) == ERR_OK);
        must(again.scheme == AUTHORIZATION_BASIC);
        must(str_eq(again.user, authorization->user) &&
             str_eq(again.secret, authorization->secret));
    }
    buf_finish(&plain);
    buf_finish(&header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct authorization authorization;
    struct str header = {(const char *)data, size};
    arena_init(&arena, 4 * 1024 * 1024);
    struct op op = {.arena = &arena};
    enum err err = authorization_read(&op, header, &authorization);
    must(err == ERR_OK || (err == ERR_SYNTAX && op.detail[0] != '\0') || err == ERR_MEMORY);
    if (err == ERR_OK && authorization.scheme == AUTHORIZATION_BEARER)
        check_bearer(header, authorization.token);
    if (err == ERR_OK && authorization.scheme == AUTHORIZATION_BASIC)
        check_basic(&op, &authorization);
    arena_finish(&arena);
    return 0;
}
