/*
 * Networks: lists of address ranges in CIDR notation ("10.0.0.0/8, ::1"), for settings that say
 * which proxies to trust or which addresses to let in. IPv4 is kept as IPv4-mapped IPv6 (RFC 4291,
 * section 2.5.5.2). And which URLs nobody on the way can read.
 */
#ifndef BZCTRL_BASE_NETWORK_H
#define BZCTRL_BASE_NETWORK_H

#include "base/op.h"

struct address {
    unsigned char bytes[16];
};

struct networks {
    const struct network *items;
    size_t n;
};

struct network {
    struct address base;
    unsigned bits; /* of the 128 that count */
};

/* Reads "192.0.2.1" or "2001:db8::1" (no port, no brackets, no zone). */
bool address_read(struct str text, struct address *ret_address);

/* Reads a list separated by commas; an empty one is fine. ERR_SYNTAX names the bad entry in
 * op->detail. */
enum err networks_read(struct op *op, struct str text, struct networks *ret_networks) MUST_CHECK;

bool networks_contain(const struct networks *networks, const struct address *address);

/* The address of a socket; false when it is of another family than IPv4 and IPv6. */
struct sockaddr;
bool address_of_socket(const struct sockaddr *socket, struct address *ret_address);

/* Is it one that the whole internet reaches? Not one of a private network, the loopback, a link,
 * a tunnel or translation that leads to such an address, nor one that is reserved (the registries
 * of RFC 6890). */
bool address_is_public(const struct address *address);

/* Reads a host as it is in a URL, if it is an address in any of the spellings that programs accept:
 * "127.1", "2130706433", "0x7f.0.0.1", "[::1]". */
bool address_read_host(struct str host, struct address *ret_address);

/* The scheme and the host, without its port, of an http or https URL that has neither user nor
 * fragment, and nothing but the printable characters of a URL. */
bool url_split(struct str url, bool *ret_https, struct str *ret_host);

/* Is it an https URL with a host or, on the loopback alone, an http one? As url_split() reads it. */
bool url_is_private(struct str url);

#endif
