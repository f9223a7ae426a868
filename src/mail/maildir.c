#include "mail/target.h"

#include "base/file.h"
#include "base/folder.h"

#include <errno.h>
#include <stdio.h>

/* The name of a mail's file: its id, without what a name cannot have. A mail that is sent again takes the
 * place of itself. */
enum err maildir_send(struct op *op, struct str path, const struct mail_letter *letter,
                      struct mail_report *ret_report)
{
    struct str id = letter->id;
    char name[128];
    size_t n = 0;
    for (size_t i = 0; i < id.n && n < sizeof name - 1; i++)
        name[n++] = ascii_alpha(id.p[i]) || ascii_digit(id.p[i]) ? id.p[i] : '-';
    struct str cur = arena_printf(op->arena, "%.*s/cur/.", STR_ARG(path));
    struct str fresh = arena_printf(op->arena, "%.*s/new", STR_ARG(path));
    struct str tmp = arena_printf(op->arena, "%.*s/tmp/%.*s", STR_ARG(path), (int)n, name);
    struct str file = arena_printf(op->arena, "%.*s/new/%.*s", STR_ARG(path), (int)n, name);
    if (cur.p == NULL || fresh.p == NULL || tmp.p == NULL || file.p == NULL)
        return ERR_MEMORY;
    *ret_report = (struct mail_report){.verdict = MAIL_ACCEPTED, .step = MAIL_CONTENT};
    op_forget(op);
    enum err err = folders_make(op, cur);
    if (err == ERR_OK)
        err = folder_make(op, fresh.p);
    if (err == ERR_OK)
        err = file_replace(op, tmp, letter->content);
    if (err == ERR_OK && rename(tmp.p, file.p) != 0)
        err = op_fail(op, ERR_IO, "%.150s cannot be written: %s", file.p, strerror(errno));
    if (err == ERR_OK)
        err = folder_sync(op, fresh.p);
    if (err == ERR_OK || err == ERR_MEMORY)
        return err;
    ret_report->verdict = MAIL_UNREACHABLE;
    snprintf(ret_report->said, sizeof ret_report->said, "%s", op->detail);
    op_forget(op);
    return ERR_OK;
}
