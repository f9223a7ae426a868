/*
 * Whatever is changed in the stored history is found, by the program and by a second verifier that
 * shares no code with it (tests/lib/verify_history.mjs).
 */
#include "world.h"

#include "core/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

/* ---- a history to work on ---- */

enum { RECORDS = 12 };

static struct task_create *created[RECORDS];

/* Appends one more event to a record, as an edit does. */
static struct task_create *edited;

static enum err edit(struct change *change, struct batch *batch)
{
    struct task *task = &edited->task;
    struct event event = {
        .domain_id = edited->workspace->domain->id,
        .actor_id = 22,
        .action = STR("task.changed"),
        .key = edited->event.key,
        .task_id = task->id,
        .previous_seq = task->last_seq,
        .payload = STR("{\"status\":[\"In Progress\",\"Done\"]}"),
    };
    struct db_value done = db_i64(STATUS_DONE);
    batch_writes(batch, change);
    enum err err = batch_append_event(batch, change->op, &event);
    if (err != ERR_OK)
        return err;
    task->last_seq = event.seq;
    return db_run(batch_db(batch), change->op,
                  "UPDATE task SET last_seq = $2, updated_at = $3, status = $4,"
                  " version = version + 1 WHERE id = $1",
                  DB_ARGS(db_i64(task->id), db_i64(task->last_seq), db_i64(event.at), done));
}

/* What verdict() puts the store back to. */
static void keep(struct world *world)
{
    world_reopen(world); /* history gets to know what there is */
    world_close(world);
    world_keep(world);
    world_reopen(world);
}

/* Domain EXA-CON-BUS gets records 0 to 2, 4 to 6, 8 to 10 as events 1 to 9, then edits of the first
 * as events 10 to 13; ACME gets the others as events 1 to 3. */
static int history_setup(void **state)
{
    world_setup(state);
    struct world *world = *state;
    for (size_t i = 0; i < RECORDS; i++) {
        created[i] = world_create(world, i % WORLD_WORKSPACES, "A claim", NULL);
        assert_int_equal(world_send(world, created[i]), ERR_OK);
    }
    static const size_t edits[] = {0, 1, 0, 0};
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        edited = created[edits[i]];
        assert_int_equal(world_change(world, edit), ERR_OK);
    }
    keep(world);
    return 0;
}

/* What the second verifier says of the closed store: 0 whole, 1 broken. */
static int second_verifier(const struct world *world, const char *receipt)
{
    const char *script = getenv("BZCTRL_SECOND_VERIFIER");
    assert_non_null(script);
    char command[512];
    const char *url = world->database.url;
    snprintf(command, sizeof command, "node '%s' '%s' %s >/dev/null", script,
             strncmp(url, "sqlite:", 7) == 0 ? url + 7 : url, receipt == NULL ? "" : receipt);
    int status = system(command);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* In words that mean the same on both engines, as those of sql/ do. */
#define BYTES(text)     "CAST('" text "' AS BLOB)"
#define PLACE(chain)    "(CAST(" #chain " AS INTEGER) << 40)"
#define EVENT(seq)      "place = " PLACE(1) " + " #seq
#define FLIP(column)    "substr(" #column ", 1, 3) || " BYTES("0f") " || substr(" #column ", 6)"
#define SET(value, seq) "UPDATE event SET " value " WHERE " EVENT(seq)

/* Closes the store, applies `sql`, asks both verifiers, and puts it back to what was kept. Returns
 * what is broken. */
static struct str verdict(struct world *world, const char *sql, const char *receipt)
{
    world_close(world);
    world_sql(world, sql);
    int second = second_verifier(world, receipt);
    struct history_report report = world_verify(world, receipt);
    if (second != (report.broken ? 1 : 0))
        fail_msg("the second verifier says %d, the first \"%s\": %s", second,
                 report.broken ? report.fault.p : "whole", sql);
    world_put_back(world);
    return report.broken ? report.fault : STR_NONE;
}

static void assert_found(struct world *world, const char *sql, const char *fault)
{
    struct str found = verdict(world, sql, NULL);
    if (found.p == NULL)
        fail_msg("not found: %s", sql);
    if (memmem(found.p, found.n, fault, strlen(fault)) == NULL)
        fail_msg("\"%.*s\" does not report \"%s\": %s", STR_ARG(found), fault, sql);
}

static char *receipt_of(struct world *world, const struct task_create *create)
{
    struct buf buf;
    buf_init(&buf, 256);
    struct str domain =
        create->event.domain_id == 1 ? STR("EXA-CON-BUS") : STR("ACME"); /* outlives a reopen */
    buf_receipt(&buf, domain, create->event.seq, &create->event.hash);
    struct str text = arena_str(&world->arena, buf_str(&buf));
    assert_non_null(text.p);
    buf_finish(&buf);
    char *copy = strdup(text.p);
    assert_non_null(copy);
    return copy;
}

/* ---- what is whole ---- */

static void an_untouched_history_is_whole(void **state)
{
    struct world *world = *state;
    struct history_report report = world_verify(world, NULL);
    assert_false(report.broken);
    assert_int_equal(report.domains,
                     3); /* with that of no domain, which says what the tables hold */
    assert_int_equal(report.events, 16 + 8);
    assert_int_equal(report.erased, 0);
    assert_int_equal(report.tasks, RECORDS);
    assert_null(verdict(world, "SELECT 1", NULL).p);
    for (size_t i = 0; i < RECORDS; i++) {
        char *receipt = receipt_of(world, created[i]);
        assert_false(world_verify(world, receipt).broken);
        free(receipt);
    }
    char *receipt = receipt_of(world, created[8]);
    assert_null(verdict(world, "SELECT 1", receipt).p);
    free(receipt);
}

/* The check reads in many small steps, between which the chain grows. */
static void a_history_that_grows_while_it_is_verified_is_whole(void **state)
{
    enum { MANY = 6000 };
    struct world *world = *state;
    static struct task_create *creates[MANY];
    for (size_t i = 0; i < MANY; i++)
        creates[i] = world_create(world, i % WORLD_WORKSPACES, "One of many", NULL);
    struct db *reader;
    assert_int_equal(core_open_reader(world->core, &world->op, &reader), ERR_OK);
    world_send_all(world, creates, MANY);
    int64_t events = 0;
    while (events < MANY + 16 + 8) {
        struct history_report report;
        assert_int_equal(history_verify(reader, &world->op, NULL, 0, NULL, NULL, &report), ERR_OK);
        if (report.broken)
            fail_msg("%s", report.fault.p);
        assert_true(report.events >= events);
        events = report.events;
    }
    world_wait(world);
    db_close(reader);
}

/* A body of 1 MiB may be nearly all members that no rule knows. */
static void records_as_large_as_they_may_be_are_read(void **state)
{
    enum { LARGE = 70, EXTRA = 1000 * 1000 };
    struct world *world = *state;
    static struct task_create *creates[LARGE];
    struct buf extra;
    buf_init(&extra, EXTRA + 64);
    BUF_LIT(&extra, "{\"log\":\"");
    while (extra.n < EXTRA)
        BUF_LIT(&extra, "0123456789abcdef");
    BUF_LIT(&extra, "\"}");
    for (size_t i = 0; i < LARGE; i++) {
        creates[i] = world_create(world, 0, "A claim with much to it", NULL);
        creates[i]->task.extra = buf_str(&extra);
        assert_int_equal(world_send(world, creates[i]), ERR_OK);
    }
    assert_false(world_verify(world, NULL).broken);
    buf_finish(&extra);
}

static void an_erased_payload_leaves_the_chain_whole(void **state)
{
    struct world *world = *state;
    world_erase(world, 5);
    struct history_report report = world_verify(world, NULL);
    assert_false(report.broken);
    assert_int_equal(report.erased, 1);
    keep(world);
    assert_null(verdict(world, "SELECT 1", NULL).p);
    assert_found(world,
                 "UPDATE event SET payload_hash = " BYTES(
                     "00000000000000000000000000000000") " WHERE payload IS NULL",
                 "event 5 (EXA-CON-BUS-LAB-02)");
}

/* ---- what is not ---- */

static void each_changed_column_of_an_event_is_found(void **state)
{
    static const struct {
        const char *sql, *fault;
    } cases[] = {
        {SET("at = at + 1", 5), "event 5"},
        {SET("actor_id = 22", 5), "event 5"},
        {SET("action = 'task.changed'", 5), "event 5"},
        {SET("key = 'EXA-CON-BUS-LAB-03'", 5), "event 5"},
        {SET("payload_hash = CAST(" FLIP(payload_hash) " AS BLOB)", 5), "event 5"},
        {SET("hash = CAST(" FLIP(hash) " AS BLOB)", 5), "event 5"},
        {SET("salt = CAST(" FLIP(salt) " AS BLOB)", 5), "event 5"},
        {SET("payload = replace(payload, 'claim', 'clAim')", 5), "event 5"},
        {SET("payload = '{}'", 5), "event 5"},
        {SET("payload = NULL", 5), "event 5"},
        {SET("salt = NULL", 5), "event 5"},
        {SET("hash = " BYTES("0") "", 5), "event 5"},
        {SET("task_id = NULL", 5), "EXA-CON-BUS-LAB-02"},
        {SET("task_id = NULL", 10), "event 10"},
        {SET("task_id = (SELECT task_id FROM event WHERE " EVENT(4) ")", 5), "event 5"},
        {SET("task_id = 7", 5), "event 5"},
        {SET("previous_seq = 4", 5), "event 5"},
        {SET("previous_seq = 0", 12), "event 12"},
        {SET("previous_seq = 13", 12), "event 12"},
        {SET("previous_seq = 1", 13), "event 10"},
        {SET("previous_seq = 11", 12), "event 11"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_found(*state, cases[i].sql, cases[i].fault);
}

static void lost_and_moved_events_are_found(void **state)
{
    static const struct {
        const char *sql, *fault;
    } cases[] = {
        {"DELETE FROM event WHERE " EVENT(5), "event 5 is missing"},
        {"DELETE FROM event WHERE " EVENT(1), "event 1 is missing"},
        {"DELETE FROM event WHERE " EVENT(13), "end at 12, but its head is at 13"},
        {"DELETE FROM event", "end at 0, but its head is at"},
        {"UPDATE event SET place = -1 WHERE " EVENT(
             5) ";"
                "UPDATE event SET place = place - 1 WHERE " EVENT(
                    6) ";"
                       "UPDATE event SET place = " PLACE(1) " + 6 WHERE place = -1",
         "event 5"},
        {"UPDATE event SET place = place + 1 WHERE " EVENT(13), "but its head is at 13"},
        {"UPDATE event SET place = " PLACE(7) " + 1 WHERE " EVENT(13),
         "is not in the chain of any domain"},
        {"UPDATE chain SET seq = 12 WHERE ordinal = 1", "but its head is at 12"},
        {"UPDATE chain SET hash = " BYTES("00000000000000000000000000000000") " WHERE ordinal = 1",
         "its head"},
        {"UPDATE chain SET hash = " BYTES("") " WHERE ordinal = 1", "EXA-CON-BUS"},
        {"DELETE FROM chain WHERE ordinal = 2", "is not in the chain of any domain"},
        {"UPDATE domain SET key = 'EXA' WHERE id = 1", "event 1 "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_found(*state, cases[i].sql, cases[i].fault);
}

static void records_that_do_not_agree_with_history_are_found(void **state)
{
    static const struct {
        const char *sql, *fault;
    } cases[] = {
        {"DELETE FROM task WHERE workspace_id = 12 AND number = 2", "event 5"},
        {"UPDATE task SET number = 9 WHERE workspace_id = 12 AND number = 2", "event 5"},
        {"UPDATE task SET workspace_id = 14, number = 9 WHERE workspace_id = 12 AND number = 2",
         "event 5"},
        {"UPDATE task SET last_seq = 4 WHERE workspace_id = 12 AND number = 2", "event 5"},
        {"UPDATE task SET last_seq = 6 WHERE workspace_id = 12 AND number = 2", "LAB-02"},
        {"UPDATE task SET last_seq = 99 WHERE workspace_id = 12 AND number = 2", "LAB-02"},
        {"UPDATE task SET last_seq = 10 WHERE workspace_id = 11 AND number = 1", "event 12"},
        {"INSERT INTO task (id, number, version, last_seq, workspace_id, created_at, updated_at,"
         " type, status, impact, likelihood, priority, reporter_id, assignee_id, source_id,"
         " category, tags, sub_category, order_id, form, form_version, title, extra, description)"
         " SELECT (SELECT MAX(id) + 1 FROM task), 4, version, 14, workspace_id, created_at,"
         " updated_at, type, status, impact, likelihood, priority, reporter_id, assignee_id,"
         " source_id, '[]', '[]', '[]', '[]', form, 1, title, extra, ''"
         " FROM task WHERE workspace_id = 11 AND number = 3",
         "EXA-CON-BUS-WOR-04"},
        {"UPDATE counter SET number = 4 WHERE workspace_id = 12", "numbers up to 4"},
        {"DELETE FROM counter WHERE workspace_id = 12", "numbers up to 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_found(*state, cases[i].sql, cases[i].fault);
}

/* Takes ACME's last record away with everything that mentions it. */
#define CUT_TAIL                                                                                   \
    "DELETE FROM event WHERE place = " PLACE(                                                      \
        2) " + 3;"                                                                                 \
           "DELETE FROM task WHERE workspace_id = 14 AND number = 3;"                              \
           "UPDATE counter SET number = 2 WHERE workspace_id = 14;"                                \
           "UPDATE chain SET seq = 2, hash = (SELECT hash FROM event WHERE place = " PLACE(        \
               2) " + 2)"                                                                          \
                  " WHERE ordinal = 2"

static void a_cut_tail_is_found_by_a_receipt_from_beyond_it(void **state)
{
    struct world *world = *state;
    char *kept = receipt_of(world, created[7]), *cut = receipt_of(world, created[11]);
    assert_null(verdict(world, CUT_TAIL, NULL).p);
    assert_null(verdict(world, CUT_TAIL, kept).p);
    struct str found = verdict(world, CUT_TAIL, cut);
    assert_non_null(found.p);
    assert_non_null(memmem(found.p, found.n, "its end was cut off", 19));
    free(kept);

    /* And when other history was written in its place. */
    world_close(world);
    world_sql(world, CUT_TAIL);
    world_reopen(world);
    assert_int_equal(world_send(world, world_create(world, 3, "Another claim", NULL)), ERR_OK);
    found = verdict(world, "SELECT 1", cut);
    assert_non_null(found.p);
    assert_non_null(memmem(found.p, found.n, "history was rewritten", 21));
    free(cut);
}

static void receipts_are_read_strictly(void **state)
{
    (void)state;
    struct receipt receipt = {.seq = 7};
    static const char *const wrong[] = {
        "",
        "EXA",
        "EXA:1",
        ":1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "EXA:0:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "EXA:-1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "EXA:9223372036854775808:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "EXA:1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "EXA:1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "EXA:1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(receipt_read(str_of(wrong[i]), &receipt));
    assert_int_equal(receipt.seq, 7);
    assert_true(receipt_read(STR(" EXA-CON:1042:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"),
                             &receipt));
    assert_str(receipt.domain, "EXA-CON");
    assert_int_equal(receipt.seq, 1042);
    for (unsigned char i = 0; i < SHA256_SIZE; i++)
        assert_int_equal(receipt.hash.bytes[i], i);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, history_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_untouched_history_is_whole),
        TEST(a_history_that_grows_while_it_is_verified_is_whole),
        TEST(records_as_large_as_they_may_be_are_read),
        TEST(an_erased_payload_leaves_the_chain_whole),
        TEST(each_changed_column_of_an_event_is_found),
        TEST(lost_and_moved_events_are_found),
        TEST(records_that_do_not_agree_with_history_are_found),
        TEST(a_cut_tail_is_found_by_a_receipt_from_beyond_it),
        cmocka_unit_test(receipts_are_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
