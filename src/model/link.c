#include "model/link.h"

static const struct {
    struct str name;
    enum link_kind inverse;
} kinds[] = {
    [LINK_RELATES] = {STR_INIT("relates"), LINK_RELATES},
    [LINK_DUPLICATES] = {STR_INIT("duplicates"), LINK_DUPLICATED_BY},
    [LINK_DUPLICATED_BY] = {STR_INIT("duplicatedBy"), LINK_DUPLICATES},
    [LINK_CAUSED_BY] = {STR_INIT("causedBy"), LINK_CAUSES},
    [LINK_CAUSES] = {STR_INIT("causes"), LINK_CAUSED_BY},
};

struct str link_kind_name(enum link_kind kind)
{
    return kinds[kind].name;
}

bool link_kind_read(struct str text, enum link_kind *ret_kind)
{
    for (enum link_kind kind = LINK_RELATES; kind <= LINK_CAUSES; kind++)
        if (str_eq_case(text, kinds[kind].name)) {
            *ret_kind = kind;
            return true;
        }
    return false;
}

enum link_kind link_kind_inverse(enum link_kind kind)
{
    return kinds[kind].inverse;
}

void json_put_link_change(struct json_writer *json, enum link_kind kind, struct str key,
                          bool removes)
{
    json_begin_list(json, "link");
    if (!removes)
        json_put_null(json, NULL);
    json_begin_object(json, NULL);
    json_put_text(json, "kind", link_kind_name(kind));
    json_put_text(json, "key", key);
    json_end(json);
    if (removes)
        json_put_null(json, NULL);
    json_end(json);
}
