/*
 * A call for a program with a waiting user: it returns as soon as the report is synced to the local
 * disk, and never waits for the network. The daemon, or `bzctrl outbox run` from cron, sends it.
 *
 *     quick_call SETTINGS TITLE
 */
#include <bzctrl.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    struct bzctrl *client = NULL;
    struct bzctrl_draft *draft = bzctrl_draft_new();
    struct bzctrl_answer *answer = bzctrl_open(NULL, argc == 3 ? argv[1] : NULL, &client);
    enum bzctrl_code code = bzctrl_answer_code(answer);
    if (code == BZCTRL_OK) {
        bzctrl_answer_free(answer);
        bzctrl_draft_add(draft, "todoType", "INCIDENT");
        bzctrl_draft_add(draft, "domainWorkSpace", "EXA-CON-BUS-WOR");
        bzctrl_draft_add(draft, "title", argc == 3 ? argv[2] : "");
        bzctrl_draft_add(draft, "description", "Seen at the gate");
        bzctrl_draft_add(draft, "financialImpact", "1250.50"); /* EUR */
        bzctrl_draft_add(draft, "reporter", "example@example.com");
        bzctrl_draft_add(draft, "orderID", "ORDER 778");
        answer = bzctrl_report(client, NULL, NULL, bzctrl_draft_json(draft), BZCTRL_LATER);
        code = bzctrl_answer_code(answer);
    }
    if (code == BZCTRL_QUEUED)
        printf("%s\n", bzctrl_answer_key(answer));
    else
        fprintf(stderr, "%s\n", bzctrl_answer_message(answer));
    bzctrl_answer_free(answer);
    bzctrl_draft_free(draft);
    bzctrl_close(client);
    return code == BZCTRL_QUEUED ? 0 : 1;
}
