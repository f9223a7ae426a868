/* bzctrl list, show, open, form, receipt: reading from the server. */
#include "cli/cli.h"
#include "json/read.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { FILTERS_MAX = FLAGS_MAX + 2, TREE_MAX = 256 * 1024 * 1024, PAGE_MAX = 200 };

/* The tree of an answer; NULL after reporting why. */
static const struct json *tree_of(struct op *op, const char *json)
{
    const struct json *root;
    if (json_read_written(op, op->arena, str_of(json), &root) == ERR_OK)
        return root;
    fail(EXIT_UNAVAILABLE, "the server's answer is not JSON: %s", op->detail);
    return NULL;
}

/* ---- list ---- */

struct filters {
    char *texts[FILTERS_MAX + 1];
    size_t n;
};

static void add_filter(struct filters *filters, const char *name, const char *value)
{
    char *text;
    if (filters->n == FILTERS_MAX)
        return;
    if (asprintf(&text, "%s%s%s", name, name[0] == '\0' ? "" : "=", value) >= 0)
        filters->texts[filters->n++] = text;
}

static void print_row(const struct json *item)
{
    static const struct str names[] = {STR_INIT("key"), STR_INIT("status"), STR_INIT("priority"),
                                       STR_INIT("title")};
    static const int widths[] = {24, 12, 8, 0};
    for (size_t i = 0; i < 4; i++) {
        struct str text = json_text(json_member(item, names[i]));
        int blanks = widths[i] - (int)utf8_length(text);
        print_shown(stdout, text.p == NULL ? STR("-") : text);
        printf("%*s", blanks > 0 && widths[i] > 0 ? blanks + (text.p == NULL ? -1 : 0) : 0, "");
        if (i < 3)
            printf(" ");
    }
    printf("\n");
}

/* Prints a page of *ret_count items. *ret_next is where the next page begins, to be freed; NULL if
 * there is none. */
static int print_page(struct cli *cli, const char *json, size_t most, size_t *ret_count,
                      char **ret_next)
{
    struct arena arena;
    arena_init(&arena, TREE_MAX);
    struct op op = {.arena = &arena};
    const struct json *root = tree_of(&op, json), *items = json_member(root, STR("items"));
    size_t count = 0;
    *ret_next = NULL;
    if (items != NULL && items->kind == JSON_LIST)
        for (const struct json *item = items->first; item != NULL && count < most;
             item = item->next, count++) {
            if (cli->json)
                printf("%.*s\n", STR_ARG(item->raw));
            else
                print_row(item);
        }
    struct str next = json_text(json_member(root, STR("next")));
    if (next.n > 0)
        *ret_next = strndup(next.p, next.n);
    *ret_count = count;
    arena_finish(&arena);
    return root == NULL ? EXIT_UNAVAILABLE : EXIT_DONE;
}

static int list_pages(struct cli *cli, struct filters *filters, size_t left)
{
    size_t fixed = filters->n;
    for (;;) {
        char limit[32], *next;
        size_t count;
        snprintf(limit, sizeof limit, "%zu", left < PAGE_MAX ? left : (size_t)PAGE_MAX);
        add_filter(filters, "limit", limit);
        struct bzctrl_answer *answer =
            bzctrl_list(cli->client, (const char *const *)filters->texts);
        if (bzctrl_answer_code(answer) != BZCTRL_OK)
            return fail_answer(answer);
        int code = print_page(cli, bzctrl_answer_json(answer), left, &count, &next);
        bzctrl_answer_free(answer);
        left -= count;
        while (filters->n > fixed) {
            free(filters->texts[--filters->n]);
            filters->texts[filters->n] = NULL;
        }
        if (code != EXIT_DONE || next == NULL || left == 0) {
            free(next);
            return code;
        }
        add_filter(filters, "cursor", next);
        free(next);
    }
}

int list_run(struct cli *cli)
{
    struct filters filters = {0};
    const char *limit = flag_of(cli, "limit");
    uint64_t most = 50;
    if (limit != NULL && (!str_to_u64(str_of(limit), 1000000, &most) || most == 0))
        return fail(EXIT_USAGE, "--limit must be a number from 1 to 1000000");
    int code = cli_open(cli);
    if (code != EXIT_DONE)
        return code;
    for (size_t i = 0; i < cli->arguments.flag_count; i++) {
        const char *name = cli->arguments.flags[i].name, *value = cli->arguments.flags[i].value.p;
        if (strcmp(name, "tag") == 0 || strcmp(name, "workspace") == 0)
            add_filter(&filters, name, value);
        else if (strcmp(name, "filter") == 0)
            add_filter(&filters, "", value);
        else if (strcmp(name, "mine") == 0)
            add_filter(&filters, "source", "me");
    }
    code = list_pages(cli, &filters, (size_t)most);
    for (size_t i = 0; i < filters.n; i++)
        free(filters.texts[i]);
    return code;
}

/* ---- show, open ---- */

/* Prints the lines of a text, indented after the first, so that none looks like a member. */
static void print_lines(struct str text)
{
    while (text.p != NULL) {
        struct str line = str_cut(&text, '\n');
        if (line.n > 0 && line.p[line.n - 1] == '\r')
            line.n--;
        print_shown(stdout, line);
        if (text.p != NULL)
            printf("\n    ");
    }
}

static void print_name(struct str name)
{
    fputs(bold(), stdout);
    print_shown(stdout, name);
    printf("%s: ", bold_end());
}

static void print_member(const struct json *member)
{
    const char *label = NULL;
    static const struct {
        struct str member;
        const char *label;
    } labels[] = {
#define REPORT_MEMBER(member, flag, asked, label) {STR_INIT(member), label},
#include "cli/member.def"
#undef REPORT_MEMBER
    };
    if (member->kind == JSON_NULL || (member->kind == JSON_LIST && member->n == 0) ||
        (member->kind == JSON_OBJECT && member->n == 0))
        return;
    /* The amount has the label of the source document. */
    if (str_eq(member->name, STR("financialImpact")))
        for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
            if (str_eq(labels[i].member, member->name))
                label = labels[i].label;
    if (str_eq(member->name, STR("financialImpactCurrency")))
        return;
    if (label != NULL)
        print_name(str_of(label));
    else
        print_name(member->name);
    if (member->kind == JSON_LIST) {
        for (const struct json *item = member->first; item != NULL; item = item->next) {
            print_shown(stdout, item->kind == JSON_TEXT ? item->text : item->raw);
            printf("%s", item->next == NULL ? "" : ", ");
        }
    } else {
        print_lines(member->kind == JSON_TEXT ? member->text : member->raw);
    }
    printf("\n");
}

/* Prints the members of an object, one per line; or the JSON unchanged. */
static int deliver(struct cli *cli, struct bzctrl_answer *answer, bool json)
{
    int code = EXIT_DONE;
    if (bzctrl_answer_code(answer) != BZCTRL_OK)
        return fail_answer(answer);
    if (cli->json || json) {
        print(bzctrl_answer_json(answer));
        print("\n");
    } else {
        struct arena arena;
        arena_init(&arena, TREE_MAX);
        struct op op = {.arena = &arena};
        const struct json *root = tree_of(&op, bzctrl_answer_json(answer));
        if (root == NULL)
            code = EXIT_UNAVAILABLE;
        else if (root->kind == JSON_OBJECT)
            for (const struct json *member = root->first; member != NULL; member = member->next)
                print_member(member);
        arena_finish(&arena);
    }
    bzctrl_answer_free(answer);
    return code;
}

int show_run(struct cli *cli)
{
    int code = cli_open(cli);
    return code != EXIT_DONE ? code
                             : deliver(cli, bzctrl_show(cli->client, operand_of(cli, 0)), false);
}

static int open_link(const char *link)
{
    const char *browser = getenv("BROWSER");
    char *argv[] = {
        (char *)(uintptr_t)(browser != NULL && browser[0] != '\0' ? browser : "xdg-open"),
        (char *)(uintptr_t)link, NULL};
    pid_t pid;
    int status = 0;
    if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) != 0 ||
        waitpid(pid, &status, 0) != pid || status != 0)
        return fail(EXIT_UNAVAILABLE, "%s could not open the link above", argv[0]);
    return EXIT_DONE;
}

int open_run(struct cli *cli)
{
    int code = cli_open(cli);
    if (code != EXIT_DONE)
        return code;
    struct bzctrl_answer *answer = bzctrl_show(cli->client, operand_of(cli, 0));
    if (bzctrl_answer_code(answer) != BZCTRL_OK)
        return fail_answer(answer);
    struct arena arena;
    arena_init(&arena, TREE_MAX);
    struct op op = {.arena = &arena};
    const struct json *root = tree_of(&op, bzctrl_answer_json(answer));
    struct str link = arena_str(&arena, json_text(json_member(root, STR("taskLink"))));
    /* The link comes from the server: open only web addresses. */
    if (!str_starts(link, STR("https://")) && !str_starts(link, STR("http://"))) {
        code = fail(EXIT_UNAVAILABLE, "the server's answer has no link");
    } else {
        printf("%s\n", link.p);
        fflush(stdout);
        code = open_link(link.p);
    }
    arena_finish(&arena);
    bzctrl_answer_free(answer);
    return code;
}

/* ---- forms ---- */

/* Prints the part of an answer that is a report. */
static int deliver_sample(struct bzctrl_answer *answer)
{
    if (bzctrl_answer_code(answer) != BZCTRL_OK)
        return fail_answer(answer);
    struct arena arena;
    arena_init(&arena, TREE_MAX);
    struct op op = {.arena = &arena};
    const struct json *root = tree_of(&op, bzctrl_answer_json(answer)),
                      *body = json_member(root, STR("body"));
    int code = EXIT_DONE;
    if (body != NULL)
        printf("%.*s\n", STR_ARG(body->raw));
    else
        code = fail(EXIT_UNAVAILABLE, "the server's answer has no report");
    arena_finish(&arena);
    bzctrl_answer_free(answer);
    return code;
}

static int form_run(struct cli *cli, const char *part)
{
    int code = cli_open(cli);
    if (code != EXIT_DONE)
        return code;
    const char *workspace = flag_of(cli, "workspace"), *name = operand_of(cli, 0);
    if (workspace == NULL)
        workspace = bzctrl_get(cli->client, "workspace");
    if (workspace == NULL)
        return fail(EXIT_USAGE, "--workspace KEY is missing");
    if (name == NULL && part[0] != '\0')
        name = "default";
    struct bzctrl_answer *answer = bzctrl_form(cli->client, workspace, name, part);
    return strcmp(part, "sample") == 0 && !cli->json ? deliver_sample(answer)
                                                     : deliver(cli, answer, true);
}

int form_show_run(struct cli *cli)
{
    return form_run(cli, flag_of(cli, "schema") != NULL ? "schema" : "");
}

int form_sample_run(struct cli *cli)
{
    return form_run(cli, "sample");
}

/* ---- receipts ---- */

struct receipts {
    struct cli *cli;
    int64_t last;
    size_t n;
    struct {
        char *record, *receipt;
    } items[PAGE_MAX];
};

static void take_receipt(void *arg, const struct bzctrl_entry *entry)
{
    struct receipts *receipts = arg;
    receipts->last = entry->id;
    if (receipts->n == PAGE_MAX)
        return;
    receipts->items[receipts->n].record = strdup(entry->record);
    receipts->items[receipts->n++].receipt = strdup(entry->receipt);
}

/* Calls `use` for each receipt in the outbox, of one record or of all (NULL). */
static int each_receipt(struct cli *cli, const char *record,
                        int (*use)(struct cli *cli, const char *record, const char *receipt),
                        size_t *ret_found)
{
    struct receipts *receipts = calloc(1, sizeof *receipts);
    int code = receipts == NULL ? fail(EXIT_SOFTWARE, "out of memory") : EXIT_DONE;
    *ret_found = 0;
    for (bool more = receipts != NULL; more;) {
        receipts->n = 0;
        struct bzctrl_answer *answer = bzctrl_outbox_list(cli->client, BZCTRL_SENT, receipts->last,
                                                          PAGE_MAX, take_receipt, receipts);
        if (bzctrl_answer_code(answer) != BZCTRL_OK) {
            code = fail_answer(answer);
            break;
        }
        bzctrl_answer_free(answer);
        more = receipts->n == PAGE_MAX;
        for (size_t i = 0; i < receipts->n; i++) {
            const char *key = receipts->items[i].record, *receipt = receipts->items[i].receipt;
            if (key != NULL && receipt != NULL &&
                (record == NULL || strcasecmp(record, key) == 0)) {
                int one = use(cli, key, receipt);
                code = one > code ? one : code;
                (*ret_found)++;
            }
            free(receipts->items[i].record);
            free(receipts->items[i].receipt);
        }
    }
    free(receipts);
    return code;
}

static int print_receipt(struct cli *cli, const char *record, const char *receipt)
{
    printf(cli->json ? "{\"record\":\"%s\",\"receipt\":\"%s\"}\n" : "%s %s\n", record, receipt);
    return EXIT_DONE;
}

static int verify_one(struct cli *cli, const char *record, const char *receipt)
{
    struct bzctrl_answer *answer = bzctrl_verify(cli->client, record, receipt);
    bool good = bzctrl_answer_code(answer) == BZCTRL_OK;
    if (cli->json)
        printf("{\"record\":\"%s\",\"receipt\":\"%s\",\"holds\":%s}\n", record, receipt,
               good ? "true" : "false");
    else if (good)
        printf("%s holds\n", record);
    if (!good)
        return fail_answer(answer);
    bzctrl_answer_free(answer);
    return EXIT_DONE;
}

int receipt_list_run(struct cli *cli)
{
    size_t found;
    int code = cli_open(cli);
    return code != EXIT_DONE ? code : each_receipt(cli, NULL, print_receipt, &found);
}

int receipt_verify_run(struct cli *cli)
{
    size_t found;
    bool all = flag_of(cli, "all") != NULL;
    if (all == (cli->arguments.operand_count > 0))
        return fail(
            EXIT_USAGE,
            "receipt verify needs either --all or a record's key, and may take its receipt");
    int code = cli_open(cli);
    if (code != EXIT_DONE)
        return code;
    if (cli->arguments.operand_count == 2)
        return verify_one(cli, operand_of(cli, 0), operand_of(cli, 1));
    code = each_receipt(cli, operand_of(cli, 0), verify_one, &found);
    if (code == EXIT_DONE && found == 0 && !all)
        code = fail(EXIT_NOINPUT, "the outbox has no receipt for %s", operand_of(cli, 0));
    return code;
}
