#include "server/copy.h"

#include "base/clock.h"
#include "server/verify.h"

#include <stdio.h>
#include <unistd.h>

enum {
    TERMINAL_MS = 100, /* how often the line is written anew */
    LINE_MS = 3000,    /* how often a further one is written elsewhere */
};

struct telling {
    struct command_run *run;
    bool terminal;
    bool in_line; /* the cursor stands behind a line that may change */
    int64_t told_at;
};

static void step_print(struct telling *telling, const struct copy_step *step)
{
    int64_t now = clock_ticks();
    bool whole = step->done == step->total;
    if (step->total == 0)
        return;
    if (step->total < 0) {
        fprintf(stderr, "%s\n", step->name);
        return;
    }
    if (!whole && now - telling->told_at < (telling->terminal ? TERMINAL_MS : LINE_MS))
        return;
    telling->told_at = now;
    fprintf(stderr, "%s%-24s %10lld of %10lld  %3lld %%%s", telling->terminal ? "\r" : "",
            step->name, (long long)step->done, (long long)step->total,
            (long long)(step->done * 100 / step->total), whole || !telling->terminal ? "\n" : "");
    telling->in_line = telling->terminal && !whole;
}

static bool on_step(void *arg, const struct copy_step *step)
{
    struct telling *telling = arg;
    if (telling->run->stop != NULL)
        return !atomic_load(telling->run->stop);
    step_print(telling, step);
    return true;
}

static void on_head(void *arg, struct str domain_key, const struct chain *head)
{
    struct telling *telling = arg;
    verify_print_head(telling->run->out, domain_key, head);
}

enum err copy_tell(struct command_run *run, struct db *source, struct db *target, bool source_rests,
                   struct history_report *ret_report)
{
    struct telling telling = {
        .run = run, .terminal = isatty(STDERR_FILENO) == 1, .told_at = clock_ticks()};
    struct copy_options options = {
        .source_rests = source_rests, .watch = on_step, .head = on_head, .arg = &telling};
    enum err err = copy_store(source, target, run->op, &options, ret_report);
    if (telling.in_line)
        fputc('\n', stderr);
    return err;
}
