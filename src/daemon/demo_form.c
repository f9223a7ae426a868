#include "daemon/demo_form.h"

#include "core/form.h"
#include "form/form_document.h"

/* As somebody builds it by hand, and makes it better a week later. */
static const struct str documents[] = {
    STR_INIT(
        "{\"name\":\"damage\",\"title\":{\"en\":\"Damage report\",\"nl\":\"Schademelding\"},"
        "\"todoType\":\"INCIDENT\",\"fields\":["
        "{\"name\":\"category\",\"options\":[\"Warehouse\",\"Transport\"],\"default\":["
        "\"Warehouse\"]},"
        "{\"name\":\"container\",\"type\":\"text\",\"label\":\"Container\",\"required\":true,"
        "\"tag\":true},"
        "{\"name\":\"mode\",\"type\":\"choice\",\"label\":{\"en\":\"Mode\",\"nl\":\"Vervoer\"},"
        "\"options\":[\"Sea\",\"Air\"]}]}"),
    STR_INIT(
        "{\"name\":\"damage\",\"title\":{\"en\":\"Damage report\",\"nl\":\"Schademelding\"},"
        "\"todoType\":\"INCIDENT\",\"needToClose\":[\"result\",\"cause\"],"
        "\"confirmClose\":\"always\",\"fields\":["
        "{\"name\":\"category\",\"options\":[\"Warehouse\",\"Transport\"],\"default\":["
        "\"Warehouse\"]},"
        "{\"name\":\"dueDate\",\"default\":\"+14d\"},"
        "{\"name\":\"container\",\"type\":\"text\",\"label\":\"Container\",\"required\":true,"
        "\"tag\":true},"
        "{\"name\":\"mode\",\"type\":\"choice\",\"label\":{\"en\":\"Mode\",\"nl\":\"Vervoer\"},"
        "\"options\":[\"Sea\",\"Air\",\"Road\"]},"
        "{\"name\":\"weight\",\"type\":\"number\",\"label\":{\"en\":\"Gross weight (kg)\","
        "\"nl\":\"Brutogewicht (kg)\"}}]}"),
};

enum err demo_form_save(struct core *core, struct op *op, struct str workspace, struct str email,
                        size_t version)
{
    struct form_put put = {.op = op, .directory = core_directory(core)};
    put.workspace = directory_workspace(put.directory, workspace);
    put.account_id = directory_account(put.directory, email)->id;
    enum err err = form_document_take(op, documents[version], &put.document, &put.name);
    if (err == ERR_OK)
        err = core_form_put(core, &put);
    directory_release(put.directory);
    return err;
}
