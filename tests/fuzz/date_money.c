/*
 * Dates, times, amounts, keys and zones against any bytes. Oracle: what is read is written in one
 * way, and that reads back as the same value.
 */
#include "base/arena.h"
#include "model/date.h"
#include "model/key.h"
#include "model/money.h"
#include "model/task.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void try_date(struct buf *buf, struct str text)
{
    int32_t date, again;
    if (!date_read(text, &date))
        return;
    buf_date(buf, date);
    must(str_eq(buf_str(buf), text));
    must(date_read(buf_str(buf), &again) && again == date);
}

static void try_time(struct buf *buf, struct str text)
{
    int64_t time, again;
    if (!time_read(text, &time))
        return;
    buf_clear(buf);
    buf_time(buf, time);
    must(buf->n == 24 && time_read(buf_str(buf), &again) && again == time);
    must(date_of_time(time) >= -719162 && date_of_time(time) <= 2932896);
}

static void try_money(struct buf *buf, struct str text, double number)
{
    int64_t cents, again;
    enum fault_code fault;
    if (money_read(text, &cents, &fault)) {
        must(cents >= 0 && cents <= CENTS_MAX);
        buf_clear(buf);
        buf_money(buf, cents);
        must(money_read(buf_str(buf), &again, &fault) && again == cents);
    }
    if (number == number && money_of_number(number, &cents, &fault)) {
        must(cents >= 0 && cents <= CENTS_MAX);
        must(money_of_number((double)cents / 100, &again, &fault) && again == cents);
    }
}

static void try_key(struct buf *buf, struct arena *arena, struct str text)
{
    struct str workspace, again;
    int64_t number, same;
    if (key_read_record(arena, text, &workspace, &number) != ERR_OK)
        return;
    buf_clear(buf);
    buf_record_key(buf, workspace, number);
    must(key_read_record(arena, buf_str(buf), &again, &same) == ERR_OK);
    must(str_eq(again, workspace) && same == number && number > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct buf buf;
    union {
        unsigned char bytes[8];
        double value;
    } number = {0};
    struct str text = {(const char *)data, size};
    arena_init(&arena, 1024 * 1024);
    buf_init(&buf, 1024);
    for (size_t i = 0; i < size && i < sizeof number.bytes; i++)
        number.bytes[i] = data[i];
    try_date(&buf, text);
    try_time(&buf, text);
    try_money(&buf, text, number.value);
    try_key(&buf, &arena, text);
    buf_finish(&buf);
    arena_finish(&arena);
    return 0;
}
