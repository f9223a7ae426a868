#include "admin/copy.h"

#include "admin/verify.h"

static void on_head(void *arg, struct str domain_key, const struct chain *head)
{
    struct command_run *run = arg;
    verify_print_head(run->out, domain_key, head);
}

enum err copy_tell(struct command_run *run, struct db *source, struct db *target, bool source_rests,
                   struct history_report *ret_report)
{
    struct copy_options options = {
        .source_rests = source_rests, .watch = run->watch, .head = on_head, .arg = run};
    return copy_store(source, target, run->op, &options, ret_report);
}
