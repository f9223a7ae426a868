/*
 * Reads a zip as evidence/zip.h writes it, once from its beginning to its end and in bounded
 * memory, however many members it has. Each byte must be the one that the writer would have
 * written: whatever is compressed, twice there, beside its place, too short or too long is refused
 * when it is reached. A member's bytes count once all of them have been read and their CRC-32 is
 * right: zip_next() says so.
 *
 * What is refused is ERR_CORRUPT, with one sentence in op->detail; ERR_IO when reading fails.
 */
#ifndef BZCTRL_EVIDENCE_ZIP_READ_H
#define BZCTRL_EVIDENCE_ZIP_READ_H

#include "base/hash.h"
#include "base/op.h"
#include "evidence/zip.h"

#include <stdio.h>

struct zip_reader {
    FILE *file;
    struct op *op;
    struct zip_place place;
    struct hasher entries; /* of the directory, as it must be */
    struct buf head, entry;
    char name[ZIP_NAME_MAX + 1];
    struct zip_member member; /* that is being read */
    uint32_t left, crc;       /* of it */
};

/* `file` is at its beginning, and stays the caller's. */
void zip_reader_init(struct zip_reader *reader, FILE *file, struct op *op);
void zip_reader_finish(struct zip_reader *reader);

/* Goes on to the next member, reader->member; what is left of the one before is read and checked.
 * At the end *ret_more is false, and the whole file has been checked. */
enum err zip_next(struct zip_reader *reader, bool *ret_more) MUST_CHECK;

/* The next bytes of the member, at most `max`; none at its end. */
enum err zip_bytes(struct zip_reader *reader, char *bytes, size_t max, size_t *ret_n) MUST_CHECK;

#endif
