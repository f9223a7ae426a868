#include "daemon/progress.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    TERMINAL_MS = 100, /* how often the line is rewritten */
    LINE_MS = 3000,    /* how often another line is written elsewhere */
};

void progress_init(struct progress *progress)
{
    *progress = (struct progress){
        .form = isatty(STDERR_FILENO) == 1 ? PROGRESS_TERMINAL : PROGRESS_LINES,
        .told_at = clock_ticks(),
    };
}

static void line_print(struct progress *progress, const struct watch_step *step, bool whole)
{
    bool stays = whole || progress->form != PROGRESS_TERMINAL;
    fprintf(stderr, "%s%-24s %10lld of %10lld  %3lld %%%s", progress->in_line ? "\r" : "",
            step->name, (long long)step->done, (long long)step->total,
            (long long)(step->done * 100 / step->total), stays ? "\n" : "");
    progress->in_line = !stays;
}

bool progress_step(void *arg, const struct watch_step *step)
{
    struct progress *progress = arg;
    int64_t now = clock_ticks();
    bool begins = strncmp(progress->name, step->name, sizeof progress->name - 1) != 0;
    bool whole = step->total >= 0 && step->done == step->total;
    bool due =
        now - progress->told_at >= (progress->form == PROGRESS_TERMINAL ? TERMINAL_MS : LINE_MS);
    /* A step without a count is reported at its beginning and, except on a terminal, while it
     * continues; a step with a count at its end, with its progress in between. */
    if (step->total < 0)
        due = begins || (due && progress->form != PROGRESS_TERMINAL);
    if (step->total == 0 || !(due || whole))
        return true;
    progress->told_at = now;
    if (begins && progress->in_line)
        progress_end(progress);
    snprintf(progress->name, sizeof progress->name, "%s", step->name);
    if (progress->form == PROGRESS_LOG)
        LOG(LOG_INFO, "starting", LOG_TEXT("step", str_of(step->name)));
    else if (step->total < 0)
        fprintf(stderr, "%s\n", step->name);
    else
        line_print(progress, step, whole);
    return true;
}

void progress_end(struct progress *progress)
{
    if (progress->in_line)
        fputc('\n', stderr);
    progress->in_line = false;
}
