#include "lib/answer.h"

#include "json/read.h"
#include "lib/client.h"

#include <stdlib.h>

/* The memory limit of one call: the answer of a bulk call and its tree. */
enum { ANSWER_MEMORY_MAX = 256 * 1024 * 1024 };

static struct bzctrl_answer no_memory = {.code = BZCTRL_MEMORY, .op.detail = "out of memory"};

struct bzctrl_answer *answer_begin(void)
{
    struct bzctrl_answer *answer = calloc(1, sizeof *answer);
    if (answer == NULL)
        return NULL;
    arena_init(&answer->arena, ANSWER_MEMORY_MAX);
    answer->op.arena = &answer->arena;
    return answer;
}

struct bzctrl_answer *answer_begin_with(struct bzctrl *client, enum err *ret_err)
{
    struct bzctrl_answer *answer = answer_begin();
    *ret_err = answer == NULL ? ERR_MEMORY : client_check(client, &answer->op);
    return answer;
}

static enum bzctrl_code code_of(enum err err)
{
    switch (err) {
    case ERR_OK:
        return BZCTRL_OK;
    case ERR_MEMORY:
        return BZCTRL_MEMORY;
    case ERR_TOO_LONG:
    case ERR_SYNTAX:
    case ERR_INVALID:
    case ERR_KEY_REUSED:
        return BZCTRL_REFUSED;
    case ERR_ANSWERED: /* this and the next are of the server only */
    case ERR_ELSEWHERE:
    case ERR_MISUSE:
    case ERR_CONSTRAINT:
        return BZCTRL_MISUSE;
    case ERR_UNAUTHENTICATED:
    case ERR_FORBIDDEN:
        return BZCTRL_DENIED;
    case ERR_NOT_FOUND:
        return BZCTRL_NOT_FOUND;
    case ERR_CONFLICT:
    case ERR_STALE:
        return BZCTRL_MISMATCH;
    case ERR_SETTINGS:
        return BZCTRL_SETTINGS;
    case ERR_FULL:
        return BZCTRL_FULL;
    case ERR_IO:
    case ERR_CORRUPT:
        return BZCTRL_STORAGE;
    case ERR_OUTDATED:
    case ERR_THROTTLED:
    case ERR_BUSY:
    case ERR_RETRY:
    case ERR_NOT_READY:
    case ERR_UNAVAILABLE:
        return BZCTRL_UNREACHABLE;
    }
    return BZCTRL_MISUSE;
}

struct bzctrl_answer *answer_end(struct bzctrl_answer *answer, enum err err)
{
    if (answer == NULL)
        return &no_memory;
    if (err != ERR_OK) {
        answer->code = code_of(err);
        op_say(&answer->op, "%s", err_meaning(err));
    }
    return answer;
}

void bzctrl_answer_free(struct bzctrl_answer *answer)
{
    if (answer == NULL || answer == &no_memory)
        return;
    arena_finish(&answer->arena);
    free(answer);
}

/* ---- a problem document ---- */

static const char *member_text(struct op *op, const struct json *object, struct str name)
{
    struct str text = json_text(json_member(object, name));
    return text.p == NULL ? "" : arena_str(op->arena, text).p;
}

static const char *allowed_text(struct op *op, const struct json *list)
{
    struct buf buf;
    buf_init(&buf, 64 * 1024);
    if (list != NULL && list->kind == JSON_LIST)
        for (const struct json *item = list->first; item != NULL; item = item->next) {
            if (buf.n > 0)
                BUF_LIT(&buf, ", ");
            buf_add(&buf, json_text(item));
        }
    struct str text = arena_str(op->arena, buf_str(&buf));
    buf_finish(&buf);
    return text.p;
}

enum err answer_problem(struct bzctrl_answer *answer, struct str json)
{
    struct op *op = &answer->op, quiet = {.arena = op->arena};
    const struct json *root;
    enum err err = json_read(&quiet, op->arena, json, &root);
    if (err != ERR_OK)
        return err == ERR_MEMORY ? err : ERR_OK;
    struct str detail = json_text(json_member(root, STR("detail")));
    const struct json *errors = json_member(root, STR("errors"));
    if (detail.n > 0)
        op_say(op, "%.*s", STR_ARG(str_sub(detail, 0, sizeof op->detail - 1)));
    if (errors == NULL || errors->kind != JSON_LIST)
        return ERR_OK;
    answer->faults = ARENA_ARRAY(op->arena, struct bzctrl_fault, errors->n);
    if (answer->faults == NULL)
        return ERR_MEMORY;
    for (const struct json *item = errors->first; item != NULL; item = item->next) {
        struct bzctrl_fault fault = {.pointer = member_text(op, item, STR("pointer")),
                                     .code = member_text(op, item, STR("code")),
                                     .detail = member_text(op, item, STR("detail")),
                                     .allowed =
                                         allowed_text(op, json_member(item, STR("allowed")))};
        if (fault.pointer == NULL || fault.code == NULL || fault.detail == NULL ||
            fault.allowed == NULL)
            return ERR_MEMORY;
        answer->faults[answer->fault_count++] = fault;
    }
    return ERR_OK;
}

/* ---- reading ---- */

static const char *shown(struct str text)
{
    return text.p == NULL ? "" : text.p;
}

enum bzctrl_code bzctrl_answer_code(const struct bzctrl_answer *answer)
{
    return answer->code;
}

const char *bzctrl_answer_message(const struct bzctrl_answer *answer)
{
    return answer->op.detail;
}

int bzctrl_answer_status(const struct bzctrl_answer *answer)
{
    return answer->status;
}

const char *bzctrl_answer_link(const struct bzctrl_answer *answer)
{
    return shown(answer->link);
}

const char *bzctrl_answer_record(const struct bzctrl_answer *answer)
{
    return shown(answer->record);
}

const char *bzctrl_answer_receipt(const struct bzctrl_answer *answer)
{
    return shown(answer->receipt);
}

const char *bzctrl_answer_key(const struct bzctrl_answer *answer)
{
    return shown(answer->key);
}

const char *bzctrl_answer_json(const struct bzctrl_answer *answer)
{
    return shown(answer->json);
}

size_t bzctrl_answer_fault_count(const struct bzctrl_answer *answer)
{
    return answer->fault_count;
}

const struct bzctrl_fault *bzctrl_answer_fault(const struct bzctrl_answer *answer, size_t index)
{
    return index < answer->fault_count ? &answer->faults[index] : NULL;
}
