#include "base/network.h"

#include <arpa/inet.h>
#include <string.h>

bool address_read(struct str text, struct address *ret_address)
{
    char copy[INET6_ADDRSTRLEN];
    struct address address = {{[10] = 0xFF, [11] = 0xFF}};
    if (text.n == 0 || text.n >= sizeof copy)
        return false;
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    if (inet_pton(AF_INET, copy, address.bytes + 12) != 1 &&
        inet_pton(AF_INET6, copy, address.bytes) != 1)
        return false;
    *ret_address = address;
    return true;
}

static bool network_read(struct str text, struct network *ret_network)
{
    struct network network;
    struct str bits = text, address = str_cut(&bits, '/');
    bool v4 = str_find(address, ':') == address.n;
    uint64_t length = v4 ? 32 : 128;
    if (!address_read(address, &network.base) ||
        (bits.p != NULL && !str_to_u64(bits, length, &length)))
        return false;
    network.bits = (unsigned)length + (v4 ? 96 : 0);
    *ret_network = network;
    return true;
}

enum err networks_read(struct op *op, struct str text, struct networks *ret_networks)
{
    size_t n = 0, commas = 0;
    for (size_t i = 0; i < text.n; i++)
        commas += text.p[i] == ',';
    struct network *items = ARENA_ARRAY(op->arena, struct network, commas + 1);
    if (items == NULL)
        return ERR_MEMORY;
    for (struct str rest = text; rest.p != NULL;) {
        struct str item = str_trim(str_cut(&rest, ','));
        if (item.n == 0)
            continue;
        if (!network_read(item, &items[n]))
            return op_fail(op, ERR_SYNTAX,
                           "\"%.*s\" is not an address or a range such as 10.0.0.0/8 or ::1",
                           STR_ARG(item));
        n++;
    }
    *ret_networks = (struct networks){items, n};
    return ERR_OK;
}

static bool network_contains(const struct network *network, const struct address *address)
{
    unsigned whole = network->bits / 8, rest = network->bits % 8;
    unsigned mask = 0xFF00U >> rest & 0xFF;
    return memcmp(network->base.bytes, address->bytes, whole) == 0 &&
           (rest == 0 || ((network->base.bytes[whole] ^ address->bytes[whole]) & mask) == 0);
}

bool networks_contain(const struct networks *networks, const struct address *address)
{
    for (size_t i = 0; i < networks->n; i++)
        if (network_contains(&networks->items[i], address))
            return true;
    return false;
}

bool url_is_private(struct str url)
{
    struct str secure = STR("https://"), plain = STR("http://");
    bool https = str_starts(url, secure);
    if (!https && !str_starts(url, plain))
        return false;
    for (size_t i = 0; i < url.n; i++)
        if (url.p[i] <= ' ' || url.p[i] > '~' || str_find(STR("\"'<>\\^`{|}#@"), url.p[i]) < 12)
            return false;
    struct str host = str_from(url, https ? secure.n : plain.n);
    host = str_sub(host, 0, str_find(host, '/'));
    host = str_sub(host, 0, str_find(host, '?'));
    struct str end = str_starts(host, STR("[")) ? str_from(host, str_find(host, ']')) : host;
    host = str_sub(host, 0, host.n - end.n + str_find(end, ':'));
    return host.n > 0 && (https || str_eq(host, STR("127.0.0.1")) || str_eq(host, STR("[::1]")) ||
                          str_eq_case(host, STR("localhost")));
}
