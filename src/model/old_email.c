#include "model/old_email.h"

#include "model/email.h"

enum err directory_note_old_emails(struct directory *d, struct arena *arena)
{
    struct old_email *old = NULL;
    size_t n = 0;
    for (size_t i = 0; i < d->account_count; i++) {
        char bytes[EMAIL_FOLDED_SIZE];
        const struct account *account = d->accounts_by_id[i];
        struct str folded = {bytes, email_fold(account->email, bytes)};
        if (folded.n == 0 || str_eq(folded, account->email))
            continue;
        if (old == NULL)
            old = ARENA_ARRAY(arena, struct old_email, d->account_count - i);
        folded = arena_str(arena, folded);
        if (old == NULL || folded.p == NULL)
            return ERR_MEMORY;
        old[n++] = (struct old_email){folded, account};
    }
    d->old_emails = old;
    d->old_email_count = n;
    return ERR_OK;
}
