#include "admin/config.h"

#include "base/file.h"
#include "base/network.h"
#include "core/rate_limit.h"
#include "core/task_index.h"
#include "model/redact.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct flag config_flags[CONFIG_FLAG_COUNT] = {
#define CONFIG(field, flag, standard, value, help) {flag, value, help, false, true, standard},
#include "admin/settings.def"
#undef CONFIG
    {"config", "FILE", "an INI file with settings", .standard = "/etc/bzctrl/bzctrl.ini, if there"},
};

enum { VALUE_MAX = 8 * 1024 * 1024, SECONDS_MAX = 30 * 86400, MAIL_RATE_MAX = 100000 };

/* The value of config_flags[i]: struct config has the settings in the order of the same table. */
static struct str *setting_value(struct config *config, size_t i)
{
    return (struct str *)(void *)config + i;
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

static enum err from_environment(struct op *op, const char *flag, struct str *value)
{
    struct str name = environment_name(op, flag, "");
    struct str file_name = environment_name(op, flag, "_FILE");
    if (name.p == NULL || file_name.p == NULL)
        return ERR_MEMORY;
    const char *text = getenv(name.p), *file = getenv(file_name.p);
    if (text != NULL)
        *value = str_of(text);
    else if (file != NULL)
        return file_read(op, str_of(file), VALUE_MAX, value);
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
    for (size_t i = 0; i < CONFIG_COUNT; i++) {
        if (strcmp(config_flags[i].name, name) != 0)
            continue;
        struct str copy = arena_str(reader->op->arena, str_of(value));
        if (copy.p == NULL)
            reader->err = ERR_MEMORY;
        *setting_value(reader->config, i) = copy;
        reader->config->origins[i] = CONFIG_FILE;
        return 1;
    }
    reader->err =
        op_fail(reader->op, ERR_SYNTAX,
                "unknown key \"%s\" in the settings file; `bzctrld config` prints all keys", name);
    return 0;
}

/* Reads the settings file into `reader`. A missing file counts as empty unless it was named
 * explicitly. A file that exists but cannot be read is an error, because its settings may be needed
 * for protection. */
static enum err ini_read(struct ini_reader *reader, const char *path, bool named)
{
    FILE *file = fopen(path, "re");
    if (file == NULL && !named && (errno == ENOENT || errno == ENOTDIR))
        return ERR_OK;
    errno = file == NULL ? errno : 0;
    int line = file == NULL ? 0 : ini_parse_file(file, ini_key, reader);
    bool read = file != NULL && ferror(file) == 0;
    int reason = errno;
    if (file != NULL)
        fclose(file);
    if (!read)
        return op_fail(reader->op, ERR_SYNTAX,
                       "cannot read the settings file %s: %s; let this user read it, or choose "
                       "another file with --config",
                       path, strerror(reason));
    if (line > 0 && reader->err == ERR_OK)
        return op_fail(reader->op, ERR_SYNTAX,
                       "the settings file %s is not valid at line %d: write \"name = value\"", path,
                       line);
    return line < 0 ? ERR_MEMORY : reader->err;
}

static enum err from_file(struct op *op, const struct arguments *arguments, struct config *config)
{
    struct ini_reader reader = {.op = op, .config = config};
    struct str named = arguments_flag(arguments, "config");
    if (named.p == NULL)
        named = str_of(getenv("BZCTRL_CONFIG"));
    return ini_read(&reader, named.p == NULL ? "/etc/bzctrl/bzctrl.ini" : named.p, named.p != NULL);
}

/* An http URL with a host and no query, of bytes that need no escape in a link, JSON or a header.
 */
static bool public_url_valid(struct str url)
{
    struct str host = url;
    str_cut(&host, '/');
    str_cut(&host, '/');
    for (size_t i = 0; i < url.n; i++)
        if (url.p[i] <= ' ' || url.p[i] > '~' || str_find(STR("\"<>\\^`{|}?#"), url.p[i]) < 11)
            return false;
    return (str_starts(url, STR("http://")) || str_starts(url, STR("https://"))) && host.n > 0 &&
           host.p[0] != '/';
}

/* Single sign-on needs all of its settings, and people without passwords need it. */
static enum err sign_in_check(struct op *op, const struct config *config)
{
    uint64_t number;
    bool off = str_eq(config->local_passwords, STR("off")), on = config->oidc_issuer.n > 0;
    if (!off && !str_eq(config->local_passwords, STR("on")))
        return op_fail(op, ERR_SYNTAX, "--local-passwords must be on or off, not \"%.*s\"",
                       STR_ARG(config->local_passwords));
    if (off && !on)
        return op_fail(op, ERR_SYNTAX,
                       "--local-passwords off needs --oidc-issuer: nobody could sign in");
    if (on && !url_is_private(config->oidc_issuer))
        return op_fail(op, ERR_SYNTAX,
                       "--oidc-issuer must be an https:// URL, spelled as the provider spells it, "
                       "not \"%.*s\"",
                       STR_ARG(config->oidc_issuer));
    if (on && (config->oidc_client_id.n == 0 || config->oidc_client_secret_file.n == 0))
        return op_fail(op, ERR_SYNTAX,
                       "--oidc-issuer needs --oidc-client-id and --oidc-client-secret-file");
    if (!str_to_u64(config->oidc_check_seconds, SECONDS_MAX, &number) || number < 60)
        return op_fail(op, ERR_SYNTAX,
                       "--oidc-check-seconds must be a number from 60 to %d, not \"%.*s\"",
                       SECONDS_MAX, STR_ARG(config->oidc_check_seconds));
    if (!str_to_u64(config->oidc_grace_seconds, SECONDS_MAX, &number))
        return op_fail(op, ERR_SYNTAX,
                       "--oidc-grace-seconds must be a number of at most %d, not \"%.*s\"",
                       SECONDS_MAX, STR_ARG(config->oidc_grace_seconds));
    return ERR_OK;
}

struct mail_settings config_mail(const struct config *config)
{
    return (struct mail_settings){
        .url = config->mail_url,
        .from = config->mail_from,
        .user = config->mail_user,
        .secret_file = config->mail_password_file,
        .method = config->mail_auth,
        .tls = config->mail_tls,
        .ca_file = config->mail_ca_file,
        .allow = str_eq(config->environment, STR("acc")) ? config->acc_allow : STR_NONE,
    };
}

enum language config_language(const struct config *config)
{
    enum language language = LANGUAGE_UNSET;
    (void)language_read(config->language, &language);
    return language;
}

static enum err mail_check(struct op *op, const struct config *config)
{
    struct mail_settings settings = config_mail(config);
    uint64_t number;
    if (!str_to_u64(config->mail_rate, MAIL_RATE_MAX, &number) || number == 0)
        return op_fail(op, ERR_SYNTAX, "--mail-rate must be a number from 1 to %d, not \"%.*s\"",
                       MAIL_RATE_MAX, STR_ARG(config->mail_rate));
    if (!str_to_u64(config->mail_gather_seconds, SECONDS_MAX, &number))
        return op_fail(op, ERR_SYNTAX,
                       "--mail-gather-seconds must be a number of at most %d, not \"%.*s\"",
                       SECONDS_MAX, STR_ARG(config->mail_gather_seconds));
    return mail_settings_check(op, &settings);
}

static enum err config_check(struct op *op, struct config *config)
{
    uint64_t number;
    if (!str_eq(config->environment, STR("prod")) && !str_eq(config->environment, STR("acc")))
        return op_fail(op, ERR_SYNTAX, "--environment must be prod or acc, not \"%.*s\"",
                       STR_ARG(config->environment));
    if (config_language(config) == LANGUAGE_UNSET)
        return op_fail(op, ERR_SYNTAX, "--language must be en or nl, not \"%.*s\"",
                       STR_ARG(config->language));
    if (config->public_url.n > 0 && !public_url_valid(config->public_url))
        return op_fail(op, ERR_SYNTAX,
                       "--public-url must be http:// or https:// with a host and an optional path, "
                       "not \"%.*s\"",
                       STR_ARG(config->public_url));
    while (config->public_url.n > 0 && config->public_url.p[config->public_url.n - 1] == '/')
        config->public_url.n--;
    if (config->database.n > 0 && !str_starts(config->database, STR("sqlite:")) &&
        !str_starts(config->database, STR("postgresql:")))
        return op_fail(op, ERR_SYNTAX, "--database must be sqlite:/path or postgresql://…");
    if (!str_to_u64(config->rate_limit, RATE_LIMIT_MAX, &number))
        return op_fail(
            op, ERR_SYNTAX,
            "--rate-limit must be a number of requests per minute, at most %d, not \"%.*s\"",
            RATE_LIMIT_MAX, STR_ARG(config->rate_limit));
    if (!str_to_u64(config->list_memory, TABLE_MB_MAX, &number))
        return op_fail(op, ERR_SYNTAX,
                       "--list-memory must be a number of megabytes, at most %d, not \"%.*s\"",
                       TABLE_MB_MAX, STR_ARG(config->list_memory));
    enum err err = sign_in_check(op, config);
    return err == ERR_OK ? mail_check(op, config) : err;
}

enum err config_read(struct op *op, const struct arguments *arguments, struct config *ret_config)
{
    struct config config = {.origins = {CONFIG_DEFAULT}};
    for (size_t i = 0; i < CONFIG_COUNT; i++)
        *setting_value(&config, i) = str_of(config_flags[i].standard);
    enum err err = from_file(op, arguments, &config);
    for (size_t i = 0; i < CONFIG_COUNT && err == ERR_OK; i++) {
        struct str *value = setting_value(&config, i), before = *value;
        struct str flag = arguments_flag(arguments, config_flags[i].name);
        if (flag.p != NULL)
            *value = flag;
        else
            err = from_environment(op, config_flags[i].name, value);
        if (flag.p != NULL)
            config.origins[i] = CONFIG_BY_FLAG;
        else if (value->p != before.p)
            config.origins[i] = CONFIG_ENVIRONMENT;
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

struct str config_links(struct op *op, const struct config *config, struct str address)
{
    if (config->public_url.n > 0)
        return config->public_url;
    return str_starts(address, STR("unix:"))
               ? STR("http://localhost")
               : arena_printf(op->arena, "http://%.*s", STR_ARG(address));
}

/* name=value&password=… without the values of secrets. */
static void print_query(struct buf *out, struct str query)
{
    while (query.p != NULL) {
        struct str pair = str_cut(&query, '&'), name = str_sub(pair, 0, str_find(pair, '='));
        bool encoded = str_find(name, '%') < name.n; /* may be any name */
        if (encoded || redact_secret_name(name))
            buf_printf(out, "%.*s=***", STR_ARG(name));
        else
            buf_add(out, pair);
        if (query.p != NULL)
            buf_char(out, '&');
    }
}

/* scheme://user:password@host?password=… without the passwords, whatever they have in them. */
static void print_url(struct buf *out, struct str value)
{
    size_t user = str_find(value, ':') + 3, at = value.n;
    while (at > 0 && value.p[at - 1] != '@')
        at--;
    size_t colon = user + str_find(str_from(value, user), ':');
    if (str_eq(str_sub(value, user - 3, 3), STR("://")) && colon < at) {
        buf_add(out, str_sub(value, 0, colon + 1));
        BUF_LIT(out, "***");
        value = str_from(value, at - 1);
    }
    struct str place = str_cut(&value, '?');
    buf_add(out, place);
    if (value.p != NULL)
        buf_char(out, '?');
    print_query(out, value);
}

void config_show(const struct config *config, size_t i, struct buf *out)
{
    print_url(out, ((const struct str *)(const void *)config)[i]);
}

void config_print(const struct config *config, struct buf *out)
{
    for (size_t i = 0; i < CONFIG_COUNT; i++) {
        buf_printf(out, "%s = ", config_flags[i].name);
        config_show(config, i, out);
        buf_char(out, '\n');
    }
}

struct str config_origin_name(enum config_origin origin)
{
    static const struct str names[] = {
        [CONFIG_DEFAULT] = STR_INIT("default"),
        [CONFIG_FILE] = STR_INIT("file"),
        [CONFIG_ENVIRONMENT] = STR_INIT("environment"),
        [CONFIG_BY_FLAG] = STR_INIT("flag"),
    };
    return names[origin];
}
