/*
 * A small directory for tests, as the core would make it: workspaces in two trees, and an account
 * of each kind. Include it in one file of a program.
 */
#ifndef BZCTRL_DIRECTORY_FIXTURE_H
#define BZCTRL_DIRECTORY_FIXTURE_H

#include "form/form.h"
#include "model/client.h"
#include "model/scope.h"

enum {
    ID_ADMIN = 1,   /* may do everything, everywhere */
    ID_ALIEN = 2,   /* a member, but of ELSE */
    ID_ANN = 3,     /* a viewer of EXA-CON, and so of all below */
    ID_EXAMPLE = 4, /* the source document's: a member of EXA-CON-BUS */
    ID_GONE = 5,    /* disabled */
    ID_MACHINE = 6, /* a client of EXA that may create */
    ID_KIR = 101,   /* EXA-CON-BUS-KIR, Pacific/Kiritimati: 14 hours ahead of UTC */
    ID_WOR = 102,   /* EXA-CON-BUS-WOR, UTC */
    ID_TWIN = 103,  /* EXA-CON-BUS-KIR-KIR: its domain has the name of a workspace */
    ID_ELSE = 104,  /* ELSE-WHERE */
};

static const struct domain fixture_domains[] = {
    {1, {"ELSE", 4}},
    {2, {"EXA", 3}},
    {3, {"EXA-CON", 7}},
    {4, {"EXA-CON-BUS", 11}},
    {5, {"EXA-CON-BUS-KIR", 15}},
};

static struct workspace fixture_workspaces[] = {
    {.id = ID_ELSE, .domain = &fixture_domains[0], .key = {"ELSE-WHERE", 10}},
    {.id = ID_KIR, .domain = &fixture_domains[3], .key = {"EXA-CON-BUS-KIR", 15}},
    {.id = ID_TWIN, .domain = &fixture_domains[4], .key = {"EXA-CON-BUS-KIR-KIR", 19}},
    {.id = ID_WOR, .domain = &fixture_domains[3], .key = {"EXA-CON-BUS-WOR", 15}},
};

static const struct client fixture_client = {
    .settings = {.domain = &fixture_domains[1], .scopes = SCOPE_CREATE},
};

static const struct account fixture_accounts[] = {
    {.id = ID_ADMIN, .kind = ACCOUNT_PERSON, .email = {"admin@example.com", 17}, .admin = true},
    {.id = ID_ALIEN, .kind = ACCOUNT_PERSON, .email = {"alien@example.com", 17}},
    {.id = ID_ANN, .kind = ACCOUNT_PERSON, .email = {"ann@example.com", 15}},
    {.id = ID_EXAMPLE, .kind = ACCOUNT_PERSON, .email = {"example@example.com", 19}},
    {.id = ID_GONE, .kind = ACCOUNT_PERSON, .email = {"gone@example.com", 16}, .disabled = true},
    {.id = ID_MACHINE, .kind = ACCOUNT_CLIENT, .email = {"machine", 7}, .client = &fixture_client},
};

static const struct account *const fixture_by_id[] = {
    &fixture_accounts[0], &fixture_accounts[1], &fixture_accounts[2],
    &fixture_accounts[3], &fixture_accounts[4], &fixture_accounts[5],
};

static const struct workspace *const fixture_workspaces_by_id[] = {
    &fixture_workspaces[1],
    &fixture_workspaces[3],
    &fixture_workspaces[2],
    &fixture_workspaces[0],
};

static const struct grant fixture_grants[] = {
    {ID_ALIEN, &fixture_domains[0], ROLE_MEMBER},
    {ID_ANN, &fixture_domains[2], ROLE_VIEWER},
    {ID_EXAMPLE, &fixture_domains[3], ROLE_MEMBER},
    {ID_GONE, &fixture_domains[3], ROLE_MEMBER},
};

static const struct directory fixture_directory = {
    .version = 1,
    .domains = fixture_domains,
    .domain_count = sizeof fixture_domains / sizeof fixture_domains[0],
    .workspaces = fixture_workspaces,
    .workspace_count = sizeof fixture_workspaces / sizeof fixture_workspaces[0],
    .accounts = fixture_accounts,
    .account_count = sizeof fixture_accounts / sizeof fixture_accounts[0],
    .accounts_by_id = fixture_by_id,
    .workspaces_by_id = fixture_workspaces_by_id,
    .grants = fixture_grants,
    .grant_count = sizeof fixture_grants / sizeof fixture_grants[0],
};

/* Gives the workspaces their zones; fixture_close() takes them back. */
static void fixture_open(void)
{
    size_t n = sizeof fixture_workspaces / sizeof fixture_workspaces[0];
    for (size_t i = 0; i < n; i++) {
        struct workspace *workspace = &fixture_workspaces[i];
        workspace->name = workspace->key;
        workspace->zone_name = str_of(workspace->id == ID_KIR ? "Pacific/Kiritimati" : "UTC");
        workspace->zone = zone_create(workspace->zone_name.p);
    }
}

static void fixture_close(void)
{
    size_t n = sizeof fixture_workspaces / sizeof fixture_workspaces[0];
    for (size_t i = 0; i < n; i++)
        zone_destroy(fixture_workspaces[i].zone);
}

#endif
