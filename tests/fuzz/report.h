/* What the targets share that judge reports in the directory of the unit tests. Include it in one
 * file of a program. */
#ifndef BZCTRL_FUZZ_REPORT_H
#define BZCTRL_FUZZ_REPORT_H

#include "model/faults.h"

#include <stdlib.h>
#include <string.h>

#include "../unit/directory_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* 2026-11-23T20:15:04.123Z */
static const int64_t now = INT64_C(1795464904123);

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fixture_open();
    atexit(fixture_close);
    return 0;
}

static void check_faults(const struct faults *faults)
{
    must(faults->n > 0 && faults->n <= FAULTS_MAX);
    for (size_t i = 0; i < faults->n; i++) {
        must(faults->items[i].pointer.n == 0 || faults->items[i].pointer.p[0] == '/');
        must(faults->items[i].detail.n > 0);
        must(utf8_valid(faults->items[i].detail) && utf8_valid(faults->items[i].pointer));
    }
}

#endif
