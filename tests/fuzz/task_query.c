/*
 * What is typed into q, against any text. Oracles: a refusal says where; what was read becomes an
 * expression of balanced brackets in both engines' words, and a filter that judges a record. What it may
 * have meant is text again.
 */
#include "model/task_query.h"
#include "model/query_hint.h"
#include "model/task_expr.h"
#include "model/task_text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* No term contains what an engine could read as syntax. */
static void must_be_balanced(struct str expr, char quote)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < expr.n; i++) {
        char c = expr.p[i];
        if (c == quote)
            quoted = !quoted;
        else if (quoted)
            must(c == '_' || ascii_alpha(c) || ascii_digit(c) || (unsigned char)c >= 0x80);
        else
            depth += (c == '(') - (c == ')');
        must(depth >= 0);
    }
    must(depth == 0 && !quoted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct domain domain = {.id = 1, .key = STR_INIT("EXA")};
    static struct workspace workspace = {.id = 11, .domain = &domain, .key = STR_INIT("EXA-WOR")};
    static const struct workspace *workspaces_by_id[] = {&workspace};
    static const struct account account = {
        .id = 21, .kind = ACCOUNT_PERSON, .email = STR_INIT("a@b.example"), .admin = true};
    static const struct account *accounts_by_id[] = {&account};
    static const struct domain *domains_by_id[] = {&domain};
    static const struct directory directory = {.version = 1,
                                               .domains = &domain,
                                               .domain_count = 1,
                                               .domains_by_id = domains_by_id,
                                               .workspaces = &workspace,
                                               .workspace_count = 1,
                                               .workspaces_by_id = workspaces_by_id,
                                               .accounts = &account,
                                               .account_count = 1,
                                               .accounts_by_id = accounts_by_id};
    static const struct str texts[] = {STR_INIT("ORDER 777"), STR_INIT("a/1")};
    struct str q = {(const char *)data, size};
    struct arena arena;
    if (workspace.zone == NULL)
        workspace.zone = zone_create("UTC");
    if (!utf8_valid(q) || str_find(q, '\0') < q.n)
        return 0;
    arena_init(&arena, 64 * 1024 * 1024);
    struct op op = {.arena = &arena, .now = INT64_C(1700000000000)};
    struct task_query query = {.op = &op, .directory = &directory, .caller = &account};
    struct task_filter filter;
    enum err err = task_query_read(&query, q);
    must(err == ERR_OK || (err == ERR_SYNTAX && op.detail[0] != '\0'));
    if (err == ERR_OK && task_query_end(&query, &filter) == ERR_OK) {
        struct task task = {.id = 1,
                            .workspace_id = 11,
                            .number = 1,
                            .type = TASK_TASK,
                            .status = STATUS_TODO,
                            .due_date = DATE_NONE,
                            .title = STR("Seal broken"),
                            .description = STR("text"),
                            .order_id = {texts, 2},
                            .form = STR("default")};
        struct task_text text;
        struct buf expr;
        const struct str comment = STR("Seal broken again");
        const struct str_list comments = {&comment, 1};
        must(task_text_make(&arena, &task, comments, comments, &text) == ERR_OK);
        (void)task_matches(&filter, &task, &text);
        for (int i = 0; i < 4; i++) {
            buf_init(&expr, TASK_EXPR_MAX);
            buf_task_expr(&expr, i < 2 ? &expr_fts5 : &expr_tsquery, &filter, i % 2);
            must(buf_err(&expr) == ERR_OK);
            must_be_balanced(buf_str(&expr), i < 2 ? '"' : '\'');
            buf_finish(&expr);
        }
    }
    struct str hint, beginning;
    must(query_hint_filters(&op, q, &hint) == ERR_OK && utf8_valid(hint));
    must(query_hint_beginning(&op, q, &beginning) == ERR_OK && utf8_valid(beginning));
    arena_finish(&arena);
    return 0;
}
