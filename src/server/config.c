#include "server/config.h"

#include "server/arguments.h"

#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

static const struct setting {
    const char *flag;
    const char *standard;
    size_t offset;
} settings[] = {
#define SETTING(field, flag, standard, value, help)                                                \
    {flag, standard, offsetof(struct config, field)},
#include "server/settings.def"
#undef SETTING
};

enum { SETTING_COUNT = sizeof settings / sizeof settings[0] };

static struct str *setting_value(struct config *config, const struct setting *setting)
{
    return (struct str *)(void *)((char *)config + setting->offset);
}

/* "public-url" is BZCTRL_PUBLIC_URL. */
static struct str environment_name(struct op *op, const char *flag, const char *suffix)
{
    struct str name = arena_printf(op->arena, "BZCTRL_%s%s", flag, suffix);
    if (name.p == NULL)
        return name;
    char *p = arena_alloc(op->arena, name.n + 1);
    if (p == NULL)
        return STR_NONE;
    for (size_t i = 0; i <= name.n; i++)
        p[i] = name.p[i] == '-' ? '_' : ascii_upper(name.p[i]);
    return (struct str){p, name.n};
}

static enum err from_environment(struct op *op, const struct setting *setting, struct str *value)
{
    struct str name = environment_name(op, setting->flag, "");
    struct str file_name = environment_name(op, setting->flag, "_FILE");
    if (name.p == NULL || file_name.p == NULL)
        return ERR_MEMORY;
    const char *text = getenv(name.p), *file = getenv(file_name.p);
    if (text != NULL)
        *value = str_of(text);
    else if (file != NULL)
        return arguments_read_file(op, str_of(file), value);
    return ERR_OK;
}

struct ini_reader {
    struct op *op;
    struct config *config;
    enum err err;
};

static int ini_key(void *arg, const char *section, const char *name, const char *value)
{
    struct ini_reader *reader = arg;
    (void)section; /* sections are for people, the names are unique */
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (strcmp(settings[i].flag, name) != 0)
            continue;
        struct str copy = arena_str(reader->op->arena, str_of(value));
        if (copy.p == NULL)
            reader->err = ERR_MEMORY;
        *setting_value(reader->config, &settings[i]) = copy;
        return 1;
    }
    reader->err =
        op_fail(reader->op, ERR_SYNTAX,
                "unknown key \"%s\" in the settings file; `bzctrld config` prints all", name);
    return 0;
}

static enum err from_file(struct op *op, const struct arguments *arguments, struct config *config)
{
    static const char standard[] = "/etc/bzctrl/bzctrl.ini";
    struct str named = arguments_flag(arguments, "config");
    if (named.p == NULL)
        named = str_of(getenv("BZCTRL_CONFIG"));
    struct ini_reader reader = {.op = op, .config = config};
    int line = ini_parse(named.p == NULL ? standard : named.p, ini_key, &reader);
    if (line == -1 && named.p == NULL)
        return ERR_OK;
    if (line == -1)
        return op_fail(op, ERR_SYNTAX, "cannot read the settings file %s: %s", named.p,
                       strerror(errno));
    if (reader.err != ERR_OK)
        return reader.err;
    if (line != 0)
        return op_fail(op, ERR_SYNTAX,
                       "the settings file is not well-formed at line %d: "
                       "\"name = value\" is expected",
                       line);
    return ERR_OK;
}

static enum err config_check(struct op *op, struct config *config)
{
    if (!str_eq(config->environment, STR("prod")) && !str_eq(config->environment, STR("acc")))
        return op_fail(op, ERR_SYNTAX, "--environment is prod or acc, not \"%.*s\"",
                       STR_ARG(config->environment));
    struct str url = config->public_url;
    if (url.n > 0 && !str_starts(url, STR("http://")) && !str_starts(url, STR("https://")))
        return op_fail(op, ERR_SYNTAX,
                       "--public-url starts with http:// or https://, unlike \"%.*s\"",
                       STR_ARG(url));
    while (config->public_url.n > 0 && config->public_url.p[config->public_url.n - 1] == '/')
        config->public_url.n--;
    if (config->database.n > 0 && !str_starts(config->database, STR("sqlite:")))
        return op_fail(op, ERR_SYNTAX,
                       "--database takes sqlite:/path; this version knows no other "
                       "engine");
    return ERR_OK;
}

enum err config_read(struct op *op, const struct arguments *arguments, struct config *ret_config)
{
    struct config config;
    for (size_t i = 0; i < SETTING_COUNT; i++)
        *setting_value(&config, &settings[i]) = str_of(settings[i].standard);
    enum err err = from_file(op, arguments, &config);
    for (size_t i = 0; i < SETTING_COUNT && err == ERR_OK; i++) {
        struct str *value = setting_value(&config, &settings[i]);
        struct str flag = arguments_flag(arguments, settings[i].flag);
        if (flag.p != NULL)
            *value = flag;
        else
            err = from_environment(op, &settings[i], value);
    }
    if (err == ERR_OK)
        err = config_check(op, &config);
    if (err == ERR_OK)
        *ret_config = config;
    return err;
}

struct str config_database(struct op *op, const struct config *config)
{
    if (config->database.n > 0)
        return config->database;
    return arena_printf(op->arena, "sqlite:%.*s/bzctrl.db", STR_ARG(config->data));
}

void config_print(const struct config *config, struct buf *out)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        struct str value =
            *(const struct str *)(const void *)((const char *)config + settings[i].offset);
        buf_printf(out, "%s = ", settings[i].flag);
        /* scheme://user:password@host: the password stays out. */
        size_t at = str_find(value, '@'), colon = at < value.n ? at : 0;
        while (colon > 0 && value.p[colon - 1] != ':' && value.p[colon - 1] != '/')
            colon--;
        if (colon > 2 && value.p[colon - 1] == ':') {
            buf_add(out, str_sub(value, 0, colon));
            BUF_LIT(out, "***");
            value = str_from(value, at);
        }
        buf_add(out, value);
        buf_char(out, '\n');
    }
}
