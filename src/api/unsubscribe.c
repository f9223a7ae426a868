/*
 * /mail/unsubscribe/{token}: the address that a mail has in List-Unsubscribe (RFC 8058). To look at it changes
 * nothing; to send it anything ends all mail to its person, without a sign-in. Its token is signed.
 */
#include "api/api.h"
#include "api/handlers.h"
#include "api/query.h"
#include "base/container.h"
#include "core/mail.h"
#include "core/notification.h"
#include "mail/digest.h"

#define POLICY "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/* 404 for a token that this server has not made, and for a person who is gone. */
static enum err reader_find(struct call *call, const struct account **ret_person)
{
    int64_t id;
    enum err err = mail_token_read(api_core(call->api), call->parameters[0], &id);
    const struct account *person =
        err == ERR_OK ? directory_account_by_id(call->directory, id) : NULL;
    if (person == NULL || person->disabled)
        return call_refuse(call, 404,
                           "This link is not one of this server's, or it is no longer "
                           "valid.");
    *ret_person = person;
    return ERR_OK;
}

static enum err page_answer(struct call *call, const struct account *person, enum language language,
                            bool done)
{
    struct http_header headers[] = {{STR("Content-Security-Policy"), STR(POLICY)},
                                    {STR("Cache-Control"), STR("no-store")},
                                    {STR("Referrer-Policy"), STR("no-referrer")}};
    language = core_language(api_core(call->api), language);
    buf_unsubscribe_page(&call->body, language, person->email, done);
    enum err err = buf_err(&call->body);
    return err == ERR_OK ? call_answer(call, 200, STR("text/html; charset=utf-8"), headers, 3)
                         : err;
}

enum err unsubscribe_get(struct call *call)
{
    const struct account *person;
    struct notify_settings settings;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = reader_find(call, &person);
    if (err == ERR_OK)
        err = store_notify_settings(call->db, &call->op, person->id, &settings);
    return err == ERR_OK ? page_answer(call, person, settings.language, settings.mail == 0) : err;
}

struct settings_read {
    struct core_read read;
    struct notify_setting setting;
};

static enum err reader_settings(struct core_read *job, struct db *db)
{
    struct settings_read *found = container_of(job, struct settings_read, read);
    return store_notify_settings(db, job->op, found->setting.account_id, &found->setting.before);
}

/* What is sent with it says no more than the address does: mail systems and the page's button send
 * "List-Unsubscribe=One-Click". */
enum err unsubscribe_post(struct call *call)
{
    const struct account *person;
    struct core *core = api_core(call->api);
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = reader_find(call, &person);
    if (err != ERR_OK)
        return err;
    struct settings_read found = {.read = {.op = &call->op, .run = reader_settings},
                                  .setting = {.op = &call->op, .account_id = person->id}};
    err = core_read_wait(core, &found.read);
    found.setting.settings = found.setting.before;
    found.setting.settings.mail = 0;
    if (err == ERR_OK)
        err = notify_set(core, &found.setting);
    return err == ERR_OK ? page_answer(call, person, found.setting.settings.language, true) : err;
}
