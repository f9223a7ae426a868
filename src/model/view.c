#include "model/view.h"

#include "base/percent.h"
#include "model/key.h"
#include "model/name.h"
#include "model/right.h"
#include "model/task_query.h"
#include "model/task_sort.h"

/* ---- the query ---- */

/* What GET /tasks would say of it; `ret_unknown` is task_query.unknown. ERR_SYNTAX. */
static enum err query_check(struct op *op, const struct query *parameters,
                            const struct directory *directory, const struct account *caller,
                            struct str *ret_unknown)
{
    struct task_query *query = ARENA_NEW(op->arena, struct task_query);
    if (query == NULL)
        return ERR_MEMORY;
    query->op = op;
    query->directory = directory;
    query->caller = caller;
    enum err err = task_query_add(query, parameters);
    if (err == ERR_OK)
        *ret_unknown = query->unknown;
    return err;
}

/* Parameters of GET /tasks that say which part of a list is wanted, and are not stored. */
static enum err refuse_paging(struct op *op, const struct query *parameters)
{
    static const struct str names[] = {STR_INIT("total"), STR_INIT("limit"), STR_INIT("cursor")};
    if (query_value(parameters, STR("sort")).p != NULL)
        return op_fail(op, ERR_SYNTAX,
                       "The query of a view must not have sort; use the view's own member sort.");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (query_value(parameters, names[i]).p != NULL)
            return op_fail(op, ERR_SYNTAX,
                           "The query of a view must not have %.*s; send it with each list.",
                           STR_ARG(names[i]));
    return ERR_OK;
}

static enum err query_keep(struct op *op, const struct query *parameters,
                           struct str_list *ret_query)
{
    size_t bytes;
    enum err err = query_texts(parameters, op->arena, ret_query, &bytes);
    if (err == ERR_OK && bytes > VIEW_QUERY_MAX)
        err = op_fail(op, ERR_TOO_LONG, "query has %zu bytes; at most %d are possible.", bytes,
                      VIEW_QUERY_MAX);
    return err;
}

/* Turns what a step has found into a fault of a member, so that the others are looked at too. */
static enum err fault_found(struct op *op, struct faults *faults, struct str member, enum err err)
{
    if (err != ERR_SYNTAX && err != ERR_TOO_LONG)
        return err;
    fault_add(faults, member, FAULT_WHOLE, err == ERR_SYNTAX ? FAULT_NOT_A_QUERY : FAULT_TOO_LONG,
              NO_OPTIONS, "%s", op->detail);
    op_forget(op);
    return ERR_OK;
}

static enum err query_judge(struct op *op, struct str sent, const struct directory *directory,
                            const struct account *caller, struct faults *faults,
                            struct str_list *ret_query)
{
    struct query parameters;
    struct str unknown;
    enum err err = query_read(op, sent, task_list_parameters, &parameters);
    if (err == ERR_SYNTAX) {
        fault_add(faults, STR("query"), FAULT_WHOLE, FAULT_NOT_A_QUERY, NO_OPTIONS, "%.*s",
                  STR_ARG(parameters.wrong));
        return ERR_OK;
    }
    if (err == ERR_OK)
        err = refuse_paging(op, &parameters);
    if (err == ERR_OK)
        err = query_check(op, &parameters, directory, caller, &unknown);
    if (err == ERR_OK)
        err = query_keep(op, &parameters, ret_query);
    return fault_found(op, faults, STR("query"), err);
}

/* ---- the other members ---- */

static void layout_judge(struct faults *faults, struct str sent, struct str *ret_layout)
{
    bool plain = sent.n > 0 && sent.n <= VIEW_LAYOUT_MAX;
    for (size_t i = 0; i < sent.n; i++)
        plain = plain && (ascii_alpha(sent.p[i]) || ascii_digit(sent.p[i]) || sent.p[i] == '-');
    if (plain)
        *ret_layout = sent;
    else
        fault_add(faults, STR("layout"), FAULT_WHOLE, FAULT_PATTERN, NO_OPTIONS,
                  "layout must be 1 to %d letters, digits and dashes, such as table.",
                  VIEW_LAYOUT_MAX);
}

static void columns_judge(struct faults *faults, struct str_list sent, struct str_list *ret_columns)
{
    if (sent.n > VIEW_COLUMNS_MAX)
        fault_add(faults, STR("columns"), FAULT_WHOLE, FAULT_TOO_MANY, NO_OPTIONS,
                  "columns has %zu names; at most %d are possible.", sent.n, VIEW_COLUMNS_MAX);
    for (size_t i = 0; i < sent.n && i < VIEW_COLUMNS_MAX; i++)
        if (sent.items[i].n == 0 || utf8_length(sent.items[i]) > VIEW_COLUMN_MAX)
            fault_add(faults, STR("columns"), i,
                      sent.items[i].n == 0 ? FAULT_REQUIRED : FAULT_TOO_LONG, NO_OPTIONS,
                      "The name of a column must have 1 to %d characters.", VIEW_COLUMN_MAX);
    *ret_columns = sent.n == 0 ? (struct str_list){0} : sent;
}

static enum err sort_judge(struct op *op, struct str sent, struct faults *faults,
                           struct str *ret_sort)
{
    enum task_sort sort;
    bool descending;
    enum err err = sent.p == NULL ? ERR_OK : task_sort_read(op, sent, &sort, &descending);
    if (err == ERR_OK)
        *ret_sort = sent;
    return fault_found(op, faults, STR("sort"), err);
}

/* With whom a new view is shared. */
static void view_domain_judge(struct str sent, const struct directory *directory,
                              const struct account *caller, struct faults *faults,
                              struct view *view)
{
    const struct domain *domain = sent.n > KEY_MAX ? NULL : directory_domain(directory, sent);
    if (domain == NULL || !right_sees_domain(directory, caller, domain)) {
        fault_add(faults, STR("domain"), FAULT_WHOLE, FAULT_UNKNOWN_DOMAIN, NO_OPTIONS,
                  "There is no domain %.*s, or you may not see it.", STR_ARG(fault_excerpt(sent)));
        return;
    }
    view->domain_id = domain->id;
    view->account_id = 0;
}

enum err view_judge(struct op *op, const struct view_draft *draft, const struct view *before,
                    const struct directory *directory, const struct account *caller,
                    struct faults *faults, struct view *ret_view)
{
    struct view view = {.account_id = caller->id, .layout = STR("table")};
    enum err err = ERR_OK;
    if (before != NULL)
        view = *before;
    if ((before == NULL || draft->name.p != NULL) && !faults_have(faults, "/name"))
        name_judge(faults, STR("name"), "what the view is called", draft->name, &view.name);
    if (draft->query.p != NULL)
        err = query_judge(op, draft->query, directory, caller, faults, &view.query);
    if (draft->layout.p != NULL)
        layout_judge(faults, draft->layout, &view.layout);
    if (draft->columns.items != NULL)
        columns_judge(faults, draft->columns, &view.columns);
    if (draft->sort_sent && err == ERR_OK && !faults_have(faults, "/sort"))
        err = sort_judge(op, draft->sort, faults, &view.sort);
    if (draft->domain.p != NULL)
        view_domain_judge(draft->domain, directory, caller, faults, &view);
    if (err != ERR_OK || faults->err != ERR_OK)
        return err != ERR_OK ? err : faults->err;
    if (faults->n > 0)
        return ERR_INVALID;
    if (!view_is_changed_by(directory, caller, &view))
        return op_fail(op, ERR_FORBIDDEN,
                       "To share views with a domain you need the role of a manager there.");
    *ret_view = view;
    return ERR_OK;
}

/* ---- reading ---- */

enum err view_problem(struct op *op, const struct view *view, const struct directory *directory,
                      const struct account *caller, struct str *ret_problem)
{
    struct query parameters = {
        .items = ARENA_ARRAY(op->arena, struct query_parameter, view->query.n), .n = view->query.n};
    struct str unknown = STR_NONE, problem = STR_NONE;
    if (parameters.items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < parameters.n; i++) {
        struct str value = view->query.items[i];
        struct str name = str_cut(&value, '=');
        parameters.items[i] = (struct query_parameter){name, value};
    }
    enum err err = query_check(op, &parameters, directory, caller, &unknown);
    if (err == ERR_SYNTAX) {
        problem = arena_str(op->arena, str_of(op->detail));
        op_forget(op);
        err = problem.p == NULL ? ERR_MEMORY : ERR_OK;
    } else if (err == ERR_OK && unknown.p != NULL) {
        problem = arena_printf(
            op->arena,
            OP_WORDS(op, "%.*s names nothing that exists, or something you may not see.",
                     "%.*s bestaat niet, of u mag het niet zien."),
            STR_ARG(unknown));
        err = problem.p == NULL ? ERR_MEMORY : ERR_OK;
    }
    if (err == ERR_OK)
        *ret_problem = problem;
    return err;
}

bool view_is_seen(const struct directory *d, const struct account *account, const struct view *view)
{
    const struct domain *domain =
        view->domain_id == 0 ? NULL : directory_domain_by_id(d, view->domain_id);
    return domain == NULL ? view->account_id == account->id
                          : directory_role(d, account, domain) != ROLE_NONE;
}

bool view_is_changed_by(const struct directory *d, const struct account *account,
                        const struct view *view)
{
    const struct domain *domain =
        view->domain_id == 0 ? NULL : directory_domain_by_id(d, view->domain_id);
    return domain == NULL ? view->account_id == account->id : right_manages(d, account, domain);
}

void buf_view_query(struct buf *buf, const struct view *view)
{
    for (size_t i = 0; i < view->query.n; i++) {
        struct str value = view->query.items[i];
        struct str name = str_cut(&value, '=');
        if (i > 0)
            buf_char(buf, '&');
        buf_add(buf, name);
        buf_char(buf, '=');
        buf_percent(buf, value, STR("@:/,"));
    }
}
