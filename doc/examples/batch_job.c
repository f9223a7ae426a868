/*
 * A batch job: each line of a file becomes a task. Run it again after any failure: the key of a
 * line stays the same, so no line is reported twice.
 *
 *     cc batch_job.c $(pkg-config --cflags --libs bzctrl)
 *     batch_job SETTINGS LINES
 */
#include <bzctrl.h>

#include <stdio.h>
#include <string.h>

/* Prints each link; counts the refused reports. */
static void on_entry(void *arg, const struct bzctrl_entry *entry)
{
    int *refused = arg;
    if (entry->state == BZCTRL_SENT) {
        printf("%s\n", entry->link);
    } else {
        fprintf(stderr, "%s: %s\n", entry->key, entry->verdict);
        ++*refused;
    }
}

/* Frees the answer; false, after printing why, unless it has the wanted code. */
static int check(struct bzctrl_answer *answer, enum bzctrl_code wanted)
{
    int good = bzctrl_answer_code(answer) == wanted;
    if (!good)
        fprintf(stderr, "%s\n", bzctrl_answer_message(answer));
    bzctrl_answer_free(answer);
    return good;
}

static int put_line(struct bzctrl *client, const char *file, long number, const char *line)
{
    char key[255];
    struct bzctrl_item item = {NULL, key, NULL};
    struct bzctrl_draft *draft = bzctrl_draft_new();
    const char *name = strrchr(file, '/');
    int good;
    bzctrl_draft_add(draft, "todoType", "TASK");
    bzctrl_draft_add(draft, "domainWorkSpace", "EXA-CON-BUS-WOR");
    bzctrl_draft_add(draft, "title", line);
    bzctrl_draft_add(draft, "description", line);
    bzctrl_draft_add(draft, "reporter", "example@example.com");
    bzctrl_draft_add(draft, "orderID", "nightly run");
    snprintf(key, sizeof key, "%.200s-%ld", name == NULL ? file : name + 1, number);
    item.json = bzctrl_draft_json(draft);
    good = check(bzctrl_put(client, &item, 1), BZCTRL_QUEUED);
    bzctrl_draft_free(draft);
    return good;
}

int main(int argc, char **argv)
{
    struct bzctrl *client = NULL;
    char line[256];
    long number = 0;
    int refused = 0, good;
    FILE *file = argc == 3 ? fopen(argv[2], "r") : NULL;
    if (file == NULL) {
        fprintf(stderr, "usage: batch_job SETTINGS LINES\n");
        return 64;
    }
    good = check(bzctrl_open(NULL, argv[1], &client), BZCTRL_OK);
    while (good && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        good = put_line(client, argv[2], ++number, line);
    }
    /* All lines are safe now. Reports that cannot be sent wait for the next run. */
    good = good && check(bzctrl_outbox_run(client, BZCTRL_NOW, on_entry, &refused), BZCTRL_OK);
    bzctrl_close(client);
    fclose(file);
    return good && refused == 0 ? 0 : 1;
}
