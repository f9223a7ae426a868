#include "evidence/zip.h"

#include <zlib.h>

enum {
    LOCAL_SIGN = 0x04034b50,
    ENTRY_SIGN = 0x02014b50,
    END_SIGN = 0x06054b50,
    END64_SIGN = 0x06064b50,
    END64_PLACE_SIGN = 0x07064b50,
    NEEDS = 10,        /* stored members: version 1.0 of the format */
    NEEDS_64 = 45,     /* zip64 */
    UTF8 = 0x0800,     /* names are UTF-8 */
    DATE_FIRST = 0x21, /* 1980-01-01: the times are in the members */
    MADE_ON_UNIX = 3 << 8,
    EXTRA_64 = 1,
    END64_REST = 44, /* bytes of its record after the size */
};
static const uint32_t mode = 0100644u << 16; /* an ordinary file that all may read */

static void add_number(struct buf *buf, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        buf_char(buf, (char)(unsigned char)(value >> (8 * i)));
}

uint32_t zip_crc(uint32_t crc, struct str bytes)
{
    return (uint32_t)crc32_z(crc, (const unsigned char *)bytes.p, bytes.n);
}

/* What a local head and an entry of the directory have in common. */
static void add_facts(struct buf *buf, const struct zip_member *member, size_t extra)
{
    add_number(buf, UTF8, 2);
    add_number(buf, 0, 2); /* stored */
    add_number(buf, 0, 2);
    add_number(buf, DATE_FIRST, 2);
    add_number(buf, member->crc, 4);
    add_number(buf, member->size, 4);
    add_number(buf, member->size, 4);
    add_number(buf, member->name.n, 2);
    add_number(buf, extra, 2);
}

void zip_member_begin(struct buf *file, struct buf *directory, struct zip_place *place,
                      const struct zip_member *member)
{
    size_t from = file->n, entry_from = directory->n;
    add_number(file, LOCAL_SIGN, 4);
    add_number(file, NEEDS, 2);
    add_facts(file, member, 0);
    buf_add(file, member->name);

    bool far = place->offset >= UINT32_MAX;
    add_number(directory, ENTRY_SIGN, 4);
    add_number(directory, MADE_ON_UNIX | (far ? NEEDS_64 : NEEDS), 2);
    add_number(directory, far ? NEEDS_64 : NEEDS, 2);
    add_facts(directory, member, far ? 12 : 0);
    add_number(directory, 0, 2); /* no comment, one disk, no attributes of DOS */
    add_number(directory, 0, 2);
    add_number(directory, 0, 2);
    add_number(directory, mode, 4);
    add_number(directory, far ? UINT32_MAX : place->offset, 4);
    buf_add(directory, member->name);
    if (far) {
        add_number(directory, EXTRA_64, 2);
        add_number(directory, 8, 2);
        add_number(directory, place->offset, 8);
    }
    place->offset += file->n - from + member->size;
    place->directory += directory->n - entry_from;
    place->members++;
}

void zip_member_add(struct buf *file, struct buf *directory, struct zip_place *place,
                    struct str name, struct str bytes)
{
    zip_member_begin(file, directory, place,
                     &(struct zip_member){name, (uint32_t)bytes.n, zip_crc(0, bytes)});
    buf_add(file, bytes);
}

void zip_end(struct buf *file, const struct zip_place *place)
{
    bool far = place->offset >= UINT32_MAX || place->directory >= UINT32_MAX ||
               place->members >= UINT16_MAX;
    uint64_t end = place->offset + place->directory;
    if (far) {
        add_number(file, END64_SIGN, 4);
        add_number(file, END64_REST, 8);
        add_number(file, MADE_ON_UNIX | NEEDS_64, 2);
        add_number(file, NEEDS_64, 2);
        add_number(file, 0, 4);
        add_number(file, 0, 4);
        add_number(file, place->members, 8);
        add_number(file, place->members, 8);
        add_number(file, place->directory, 8);
        add_number(file, place->offset, 8);
        add_number(file, END64_PLACE_SIGN, 4);
        add_number(file, 0, 4);
        add_number(file, end, 8);
        add_number(file, 1, 4);
    }
    add_number(file, END_SIGN, 4);
    add_number(file, 0, 2);
    add_number(file, 0, 2);
    add_number(file, far ? UINT16_MAX : place->members, 2);
    add_number(file, far ? UINT16_MAX : place->members, 2);
    add_number(file, far ? UINT32_MAX : place->directory, 4);
    add_number(file, far ? UINT32_MAX : place->offset, 4);
    add_number(file, 0, 2);
}
