/* store/directory_patch: a patched snapshot is the one that is read whole. */
#include "world.h"

#include "base/buf.h"
#include "base/id.h"
#include "core/change.h"
#include "db/db.h"
#include "model/client.h"
#include "model/old_email.h"
#include "store/client.h"
#include "store/directory.h"
#include "store/form.h"
#include "store/person.h"

#include <stdio.h>

enum { ROUNDS = 300, MADE_MAX = 64 };

/* ---- a snapshot as text, in every order that it has ---- */

static void tell_places(struct buf *buf, struct client_places places)
{
    for (size_t i = 0; i < places.n; i++)
        buf_printf(buf, " %.*s", STR_ARG(places.items[i]->key));
}

static void tell_account(struct buf *buf, const struct account *account)
{
    buf_printf(buf, "account %lld %d %.*s %.*s %d%d%d %lld %lld %lld\n", (long long)account->id,
               (int)account->kind, STR_ARG(account->email), STR_ARG(account->name), account->admin,
               account->disabled, account->password_grant, (long long)account->version,
               (long long)account->created_at, (long long)account->password_by);
    const struct client *client = account->client;
    assert_true((client != NULL) == (account->kind == ACCOUNT_CLIENT));
    if (client == NULL)
        return;
    assert_ptr_equal(client->account, account);
    buf_printf(buf, "client %.*s %.*s %u %d %lld:", STR_ARG(client->settings.name),
               STR_ARG(client->settings.domain->key), client->settings.scopes,
               client->settings.disabled, (long long)client->version);
    tell_places(buf, client->settings.workspaces);
    BUF_LIT(buf, " reads");
    tell_places(buf, client->settings.read_all);
    buf_char(buf, '\n');
}

static void tell_workspace(struct buf *buf, const struct directory *d,
                           const struct workspace *workspace)
{
    assert_true(workspace->domain >= d->domains &&
                workspace->domain < d->domains + d->domain_count);
    buf_printf(buf, "workspace %lld %.*s %.*s %.*s %d %lld\n", (long long)workspace->id,
               STR_ARG(workspace->key), STR_ARG(workspace->name), STR_ARG(workspace->domain->key),
               (int)zone_date(workspace->zone, 0), (long long)workspace->version);
    for (size_t i = 0; i < workspace->form_count; i++) {
        const struct form_head *form = &workspace->forms[i];
        buf_printf(buf, "form %lld %lld %.*s %lld %d%d%d\n", (long long)form->id,
                   (long long)form->workspace_id, STR_ARG(form->name), (long long)form->version,
                   form->is_default, form->disabled, form == workspace->default_form);
    }
}

static struct str tell(struct arena *arena, const struct directory *d)
{
    struct buf buf;
    buf_init(&buf, 8 * 1024 * 1024);
    for (size_t i = 0; i < d->domain_count; i++)
        buf_printf(&buf, "domain %.*s %.*s\n", STR_ARG(d->domains[i].key),
                   STR_ARG(d->domains_by_id[i]->key));
    for (size_t i = 0; i < d->workspace_count; i++) {
        tell_workspace(&buf, d, &d->workspaces[i]);
        buf_printf(&buf, "by id %.*s\n", STR_ARG(d->workspaces_by_id[i]->key));
    }
    for (size_t i = 0; i < d->account_count; i++) {
        tell_account(&buf, &d->accounts[i]);
        buf_printf(&buf, "by id %.*s\n", STR_ARG(d->accounts_by_id[i]->email));
    }
    for (size_t i = 0; i < d->old_email_count; i++) {
        const struct old_email *old = &d->old_emails[i];
        assert_ptr_equal(directory_account_by_id(d, old->account->id), old->account);
        buf_printf(&buf, "old %.*s %.*s\n", STR_ARG(old->folded), STR_ARG(old->account->email));
    }
    for (size_t i = 0; i < d->grant_count; i++)
        buf_printf(&buf, "role %lld %.*s %d\n", (long long)d->grants[i].account_id,
                   STR_ARG(d->grants[i].domain->key), (int)d->grants[i].role);
    assert_int_equal(buf_err(&buf), ERR_OK);
    struct str text = arena_str(arena, buf_str(&buf));
    buf_finish(&buf);
    assert_non_null(text.p);
    return text;
}

/* ---- changes of all kinds, by chance ---- */

static uint32_t seed = 1;

static uint32_t chance(uint32_t below)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % below;
}

static struct world *world; /* of the test that runs */
static int64_t people[MADE_MAX], clients[MADE_MAX], forms[MADE_MAX];
static size_t people_count, clients_count, forms_count;

static struct str word(const char *prefix)
{
    struct str text = arena_printf(&world->arena, "%s%u", prefix, chance(1000000));
    assert_non_null(text.p);
    return text;
}

static int64_t one_of(const int64_t *list, size_t n)
{
    return list[chance((uint32_t)n)];
}

static enum err change_person(struct db *db, struct op *op)
{
    struct person_settings settings = {
        .email = arena_printf(&world->arena, "p%u%s@example.com", chance(1000000),
                              chance(3) == 0 ? "Ü" : ""),
        .name = chance(3) == 0 ? STR_NONE : word("Person "),
        .admin = chance(5) == 0,
        .disabled = chance(5) == 0,
        .password_grant = chance(2) == 0,
    };
    struct account_ids others;
    enum err err;
    int64_t id;
    if (people_count < MADE_MAX && chance(2) == 0) {
        id = people[people_count++] = id_next();
        err = store_person_add(db, op, id, &settings, STR_NONE);
    } else {
        id = people_count == 0 ? 21 : one_of(people, people_count);
        err = store_person_change(db, op, id, &settings);
    }
    if (err == ERR_OK && people_count > 0 && chance(3) == 0)
        err = store_password_give(db, op, id, chance(3) == 0 ? STR_NONE : STR("a hash"),
                                  chance(4) == 0 ? 0 : one_of(people, people_count), &others);
    for (int i = 0; i < 3 && err == ERR_OK; i++)
        err = store_grant_set(db, op, id, 1 + chance(2), (enum role)chance(4));
    return err;
}

static enum err change_client(struct db *db, struct op *op)
{
    const struct workspace *places[2] = {world_workspace(world, chance(WORLD_WORKSPACES)), NULL};
    struct client_settings settings = {
        .name = word("Client "),
        .domain = &world->directory->domains[chance((uint32_t)world->directory->domain_count)],
        .scopes = chance(8),
        .workspaces = {places, chance(2)},
        .read_all = {places, chance(2)},
        .disabled = chance(4) == 0,
    };
    if (clients_count < MADE_MAX && chance(2) == 0) {
        clients[clients_count] = id_next();
        return store_client_add(db, op, clients[clients_count++], word("client-"), &settings);
    }
    return clients_count == 0
               ? ERR_OK
               : store_client_change(db, op, one_of(clients, clients_count), &settings);
}

static enum err change_form(struct db *db, struct op *op)
{
    struct form_row row = {.workspace_id = world_workspace(world, chance(3))->id,
                           .name = word("form-"),
                           .version = 1 + chance(9),
                           .is_default = chance(3) == 0,
                           .disabled = chance(3) == 0};
    bool creates = forms_count < MADE_MAX && (forms_count == 0 || chance(2) == 0);
    row.id = creates ? id_next() : one_of(forms, forms_count);
    if (creates)
        forms[forms_count++] = row.id;
    struct form_row former = {0};
    enum err err = row.is_default ? store_form_default(db, op, row.workspace_id, &former) : ERR_OK;
    former.is_default = false;
    if (err == ERR_OK && former.id != 0 && former.id != row.id)
        err = store_form_put(db, op, &former);
    return err == ERR_OK ? store_form_put(db, op, &row) : err;
}

static enum err change_some(struct change *change, struct batch *batch)
{
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    enum err err = ERR_OK;
    batch_writes(batch, change);
    for (uint32_t i = 0, n = 1 + chance(4); i < n && err == ERR_OK; i++) {
        uint32_t kind = chance(9);
        if (kind == 0) {
            const struct workspace_settings settings = {word("ACME-W"), STR("ACME"),
                                                        word("Workspace "), STR("Asia/Tokyo")};
            err = store_workspace_add(db, op, id_next(), 2, &settings);
            if (err == ERR_OK)
                err = batch_directory_patched(batch, op);
        } else if (kind == 8) {
            const struct workspace *workspace = world_workspace(world, chance(WORLD_WORKSPACES));
            const struct workspace_settings settings = {workspace->key, workspace->domain->key,
                                                        word("Name "), STR("Europe/Amsterdam")};
            err = store_workspace_change(db, op, workspace->id, &settings);
            if (err == ERR_OK)
                err = store_domain_add(db, op, id_next(), word("D"));
            if (err == ERR_OK)
                err = batch_directory_patched(batch, op);
        } else {
            err = kind < 4   ? change_person(db, op)
                  : kind < 6 ? change_client(db, op)
                             : change_form(db, op);
            if (err == ERR_OK)
                err = batch_directory_patched(batch, op);
        }
    }
    return err;
}

static enum err load_whole(struct core_read *read, struct db *db)
{
    struct arena *arena = &world->arena;
    struct directory whole;
    enum err err = store_directory_load(db, read->op, arena, NULL, &whole);
    if (err != ERR_OK)
        return err;
    struct str is = tell(arena, world->directory), should = tell(arena, &whole);
    assert_int_equal(world->directory->version, whole.version);
    store_directory_finish(&whole);
    if (!str_eq(is, should))
        fail_msg("patched:\n%s\nread whole:\n%s", is.p, should.p);
    return ERR_OK;
}

static void a_patched_snapshot_is_the_one_that_is_read_whole(void **state)
{
    world = *state;
    people_count = clients_count = forms_count = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct arena_mark mark = arena_mark(&world->arena);
        struct core_read read = {.op = &world->op};
        assert_int_equal(world_change(world, change_some), ERR_OK);
        directory_release(world->directory);
        world->directory = core_directory(world->core);
        assert_int_equal(world_read(world, load_whole, &read), ERR_OK);
        arena_rewind(&world->arena, mark);
    }
    assert_int_equal(people_count, MADE_MAX);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_patched_snapshot_is_the_one_that_is_read_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
