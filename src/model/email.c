#include "model/email.h"

bool email_valid(struct str email)
{
    size_t at = str_find(email, '@');
    if (at == 0 || at + 1 >= email.n || email.n > EMAIL_MAX || !utf8_valid(email))
        return false;
    for (size_t i = 0; i < email.n; i++) {
        unsigned char c = (unsigned char)email.p[i];
        if (c <= ' ' || c == 0x7f || str_find(STR("\"(),:;<>[\\]"), (char)c) < 11)
            return false;
    }
    return str_find(str_from(email, at + 1), '@') == email.n - at - 1;
}
