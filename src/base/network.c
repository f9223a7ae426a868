#include "base/network.h"

#include <arpa/inet.h>
#include <stddef.h>
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

bool address_of_socket(const struct sockaddr *socket, struct address *ret_address)
{
    struct address address = {{[10] = 0xFF, [11] = 0xFF}};
    const char *bytes = (const char *)socket;
    if (socket->sa_family == AF_INET)
        memcpy(address.bytes + 12, bytes + offsetof(struct sockaddr_in, sin_addr), 4);
    else if (socket->sa_family == AF_INET6)
        memcpy(address.bytes, bytes + offsetof(struct sockaddr_in6, sin6_addr), 16);
    else
        return false;
    *ret_address = address;
    return true;
}

bool address_is_public(const struct address *address)
{
#define V4(a, b, c, d, n) {{{[10] = 0xFF, [11] = 0xFF, a, b, c, d}}, 96 + (n)}
    static const struct network v4 = V4(0, 0, 0, 0, 0), v6 = {{{0x20}}, 3};
    static const struct network reserved_v4[] = {
        V4(0, 0, 0, 0, 8),      V4(10, 0, 0, 0, 8),     V4(100, 64, 0, 0, 10),
        V4(127, 0, 0, 0, 8),    V4(169, 254, 0, 0, 16), V4(172, 16, 0, 0, 12),
        V4(192, 0, 0, 0, 24),   V4(192, 0, 2, 0, 24),   V4(192, 88, 99, 0, 24),
        V4(192, 168, 0, 0, 16), V4(198, 18, 0, 0, 15),  V4(198, 51, 100, 0, 24),
        V4(203, 0, 113, 0, 24), V4(224, 0, 0, 0, 4),    V4(240, 0, 0, 0, 4),
    };
    /* Of what is global unicast (2000::/3): protocols and Teredo, documentation twice, 6to4. */
    static const struct network reserved_v6[] = {
        {{{0x20, 0x01}}, 23},
        {{{0x20, 0x01, 0x0D, 0xB8}}, 32},
        {{{0x3F, 0xFF}}, 20},
        {{{0x20, 0x02}}, 16},
    };
#undef V4
    static const struct networks not_v4 = {reserved_v4, sizeof reserved_v4 / sizeof *reserved_v4};
    static const struct networks not_v6 = {reserved_v6, sizeof reserved_v6 / sizeof *reserved_v6};
    if (network_contains(&v4, address))
        return !networks_contain(&not_v4, address);
    return network_contains(&v6, address) && !networks_contain(&not_v6, address);
}

bool address_read_host(struct str host, struct address *ret_address)
{
    struct address address = {{[10] = 0xFF, [11] = 0xFF}};
    struct in_addr v4;
    char copy[64];
    if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
        return address_read(str_sub(host, 1, host.n - 2), ret_address);
    while (host.n > 0 && host.p[host.n - 1] == '.')
        host.n--;
    if (host.n == 0 || host.n >= sizeof copy)
        return false;
    memcpy(copy, host.p, host.n);
    copy[host.n] = '\0';
    if (inet_aton(copy, &v4) == 0)
        return false;
    memcpy(address.bytes + 12, &v4, 4);
    *ret_address = address;
    return true;
}

bool url_split(struct str url, bool *ret_https, struct str *ret_host)
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
    *ret_https = https;
    *ret_host = host;
    return host.n > 0;
}

bool url_is_private(struct str url)
{
    bool https;
    struct str host;
    return url_split(url, &https, &host) &&
           (https || str_eq(host, STR("127.0.0.1")) || str_eq(host, STR("[::1]")) ||
            str_eq_case(host, STR("localhost")));
}
