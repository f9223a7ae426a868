#include "cli/verdict.h"

#include "cli/cli.h"

#include <stdio.h>

enum { VERDICT_FAULTS_MAX = 50, MEMORY_MAX = 4 * 1024 * 1024 };

struct fault_count {
    struct str pointer, code, text; /* text: of the first one, for people */
    long rows, line;
};

void verdicts_init(struct verdicts *verdicts)
{
    *verdicts = (struct verdicts){0};
    arena_init(&verdicts->arena, MEMORY_MAX);
    verdicts->faults = ARENA_ARRAY(&verdicts->arena, struct fault_count, VERDICT_FAULTS_MAX);
}

void verdicts_finish(struct verdicts *verdicts)
{
    arena_finish(&verdicts->arena);
}

static void count(struct verdicts *verdicts, long line, struct str pointer, struct str code,
                  struct str text)
{
    struct fault_count *fault = verdicts->faults;
    size_t at = 0;
    while (at < verdicts->n &&
           !(str_eq(fault[at].pointer, pointer) && str_eq(fault[at].code, code) &&
             (code.n > 0 || str_eq(fault[at].text, text))))
        at++;
    if (fault == NULL || at == VERDICT_FAULTS_MAX) {
        verdicts->others++;
        return;
    }
    if (at == verdicts->n) {
        fault[at] = (struct fault_count){arena_str(&verdicts->arena, pointer),
                                         arena_str(&verdicts->arena, code),
                                         arena_str(&verdicts->arena, text), 0, line};
        verdicts->n++;
    }
    fault[at].rows++;
}

static struct str text_in(const struct json *object, const char *name)
{
    struct str text = json_text(json_member(object, str_of(name)));
    return text.p == NULL ? STR("") : text;
}

static void add_fault(struct buf *text, const struct json *item)
{
    const struct json *allowed = json_member(item, STR("allowed"));
    buf_printf(text, "%.*s %.*s: %.*s", STR_ARG(text_in(item, "pointer")),
               STR_ARG(text_in(item, "code")), STR_ARG(text_in(item, "detail")));
    if (allowed == NULL || allowed->kind != JSON_LIST || allowed->n == 0)
        return;
    BUF_LIT(text, " (");
    for (const struct json *one = allowed->first; one != NULL; one = one->next)
        buf_printf(text, "%.*s%s", STR_ARG(one->kind == JSON_TEXT ? one->text : one->raw),
                   one->next == NULL ? ")" : ", ");
}

void verdicts_take_sentence(struct verdicts *verdicts, long line, struct str sentence)
{
    count(verdicts, line, STR(""), STR(""), sentence);
}

void verdicts_take(struct verdicts *verdicts, long line, const struct json *problem,
                   struct buf *text)
{
    const struct json *list = json_member(problem, STR("errors"));
    if (list == NULL)
        list = json_member(problem, STR("warnings"));
    if (list == NULL || list->kind != JSON_LIST || list->n == 0) {
        struct str detail = text_in(problem, "detail");
        if (detail.n > 0)
            verdicts_take_sentence(verdicts, line, detail);
        buf_add(text, detail);
        return;
    }
    for (const struct json *item = list->first; item != NULL; item = item->next) {
        if (text->n > 0)
            buf_char(text, '\n');
        size_t start = text->n;
        add_fault(text, item);
        count(verdicts, line, text_in(item, "pointer"), text_in(item, "code"),
              str_from(buf_str(text), start));
    }
}

void verdicts_print(const struct verdicts *verdicts)
{
    for (size_t i = 0; i < verdicts->n; i++) {
        const struct fault_count *fault = &verdicts->faults[i];
        if (fault->rows == 1)
            fprintf(stderr, "  line %ld: ", fault->line);
        else
            fprintf(stderr, "  %ld rows, first line %ld: ", fault->rows, fault->line);
        print_shown(stderr, fault->text);
        fputc('\n', stderr);
    }
    if (verdicts->others > 0)
        fprintf(stderr, "  and %zu more\n", verdicts->others);
}
