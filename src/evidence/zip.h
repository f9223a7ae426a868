/*
 * The container of an evidence file: a zip (APPNOTE 6.3.10) in which each byte has one possible
 * value. Every member is stored, not compressed; its size and its CRC-32 are known before it is
 * written; and nothing is beside what a zip must have. So what reads it can demand every byte: a
 * file in which two programs could see different things is refused, there is nothing to unpack
 * that could grow, and a member costs a reader no memory (evidence/zip_read.h).
 *
 * A member has less than 4 GiB; the file may have more (zip64).
 */
#ifndef BZCTRL_EVIDENCE_ZIP_H
#define BZCTRL_EVIDENCE_ZIP_H

#include "base/buf.h"

enum { ZIP_NAME_MAX = 512 }; /* bytes */

/* How far a file is. */
struct zip_place {
    uint64_t offset;    /* bytes so far */
    uint64_t members;   /* so far */
    uint64_t directory; /* bytes of their entries in the directory at the end */
};

struct zip_member {
    struct str name; /* UTF-8 with / between folders, at most ZIP_NAME_MAX bytes */
    uint32_t size, crc;
};

/* The CRC-32 of what had `crc` (0: nothing) with `bytes` after it. */
uint32_t zip_crc(uint32_t crc, struct str bytes);

/* Begins a member: appends its head to `file`, after which its bytes follow, and its entry to
 * `directory`. `place` then is where the member ends. */
void zip_member_begin(struct buf *file, struct buf *directory, struct zip_place *place,
                      const struct zip_member *member);

/* The same with the bytes, which must be less than 4 GiB. */
void zip_member_add(struct buf *file, struct buf *directory, struct zip_place *place,
                    struct str name, struct str bytes);

/* Appends what ends the file; the directory's entries have just been written at place->offset. */
void zip_end(struct buf *file, const struct zip_place *place);

#endif
