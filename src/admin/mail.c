/* `bzctrld mail test`: do the settings of mail work? */
#include "admin/mail.h"

#include "base/clock.h"
#include "base/id.h"
#include "mail/digest.h"
#include "model/email.h"

enum err mail_try(const struct mail_settings *settings, enum language language, struct op *op,
                  struct str to, struct mail_report *ret_report)
{
    struct str host = settings->from;
    struct mail_sender *sender;
    struct buf content;
    if (settings->url.n == 0)
        return op_fail(op, ERR_INVALID, "no mail is sent: --mail-url says where to");
    if (!email_valid(to))
        return op_fail(op, ERR_INVALID, "\"%.*s\" is not an e-mail address",
                       STR_ARG(str_sub(to, 0, 100)));
    if (!mail_allows(settings, to))
        return op_fail(op, ERR_FORBIDDEN,
                       "the acceptance environment sends mail only to the domains of --acc-allow");
    (void)str_cut(&host, '@');
    struct mail_message message = {
        .from = settings->from,
        .to = to,
        .id = arena_printf(op->arena, "test.%lld@%.*s", (long long)id_next(), STR_ARG(host)),
        .at = clock_now(),
    };
    enum err err = message.id.p == NULL ? ERR_MEMORY : mail_sender_create(settings, &sender);
    if (err != ERR_OK)
        return err;
    buf_init(&content, MAIL_MAX);
    err = digest_write_test(language, op->arena, &message);
    if (err == ERR_OK) {
        buf_mail_message(&content, &message);
        err = buf_err(&content);
    }
    if (err == ERR_OK)
        err = mail_send(sender, op, &(struct mail_letter){to, message.id, buf_str(&content), NULL},
                        ret_report);
    buf_finish(&content);
    mail_sender_destroy(sender);
    return err;
}

static int test_run(struct command_run *run)
{
    struct op *op = run->op;
    struct mail_settings settings = config_mail(&run->config);
    struct str to = run->arguments->operands[0];
    struct mail_report report = {.verdict = MAIL_UNREACHABLE};
    enum err err = mail_try(&settings, config_language(&run->config), op, to, &report);
    if (err != ERR_OK)
        return command_fail(run, err);
    if (report.verdict != MAIL_ACCEPTED)
        return command_fail(run, op_fail(op, ERR_UNAVAILABLE, "%.*s",
                                         STR_ARG(mail_report_say(&settings, op->arena, &report))));
    buf_printf(run->out, "sent: %.*s has accepted a test mail to %.*s\n", STR_ARG(settings.url),
               STR_ARG(to));
    return EXIT_DONE;
}

const struct admin_command mail_commands[] = {
    {.command = {"mail test", "ADDRESS", "send a test mail by the settings of mail"},
     .run_direct = test_run},
    {{NULL}},
};
