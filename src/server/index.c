/* `bzctrld index rebuild`. */
#include "core/task_index.h"
#include "server/command.h"

int index_rebuild_run(struct command_run *run)
{
    enum err err = task_index_rebuild(core_task_index(run->core), run->op);
    if (err != ERR_OK)
        return command_fail(run, err);
    buf_printf(run->out, "The server builds the index again, at once or when it starts.\n");
    return EXIT_DONE;
}
