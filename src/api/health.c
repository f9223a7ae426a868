/* /healthz: the process runs. /readyz: it can take work: the store answers, and no stop is near. */
#include "api/api.h"
#include "api/handlers.h"
#include "store/directory.h"

static enum err answer_word(struct call *call, struct str word)
{
    buf_add(&call->body, word);
    return call_answer(call, 200, STR("text/plain"), NULL, 0);
}

enum err health_get(struct call *call)
{
    return answer_word(call, STR("ok\n"));
}

enum err ready_get(struct call *call)
{
    int64_t version;
    if (api_stopping(call->api) || core_is_broken(api_core(call->api)))
        return call_refuse(call, 503, "This server is stopping; use another.");
    enum err err = store_directory_version(call->db, &call->op, &version);
    return err == ERR_OK ? answer_word(call, STR("ready\n")) : err;
}
