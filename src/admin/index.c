/* `bzctrld index rebuild`. */
#include "admin/command.h"
#include "core/task_index.h"

static int index_rebuild_run(struct command_run *run)
{
    enum err err = task_index_rebuild(core_task_index(run->core), run->op);
    if (err != ERR_OK)
        return command_fail(run, err);
    BUF_LIT(run->out, "The server builds the index again, at once or when it starts.\n");
    return EXIT_DONE;
}

const struct admin_command index_commands[] = {
    {.command = {"index rebuild", NULL,
                 "have the index of records built again, from the records; lists work in the "
                 "meantime"},
     .existing = true,
     .run_store = index_rebuild_run},
    {{NULL}},
};
