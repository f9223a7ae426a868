#include "lib/settings.h"

#include "base/buf.h"
#include "base/file.h"

#include <bzctrl.h>

#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 256 * 1024, VALUE_MAX = 4096 };

enum setting_kind { SETTING_KIND_TEXT, SETTING_KIND_URL, SETTING_KIND_PATH, SETTING_KIND_NUMBER };

static const struct {
    const char *name, *standard, *help;
    enum setting_kind kind;
} table[] = {
#define SETTING(field, name, kind, standard, help)                                                 \
    [SETTING_##field] = {name, standard, help, SETTING_KIND_##kind},
#include "lib/settings.def"
#undef SETTING
};

enum setting settings_find(struct str name)
{
    enum setting setting = 0;
    while (setting < SETTING_COUNT && !str_eq(str_of(table[setting].name), name))
        setting++;
    return setting;
}

const char *bzctrl_setting_name(size_t index)
{
    return index < SETTING_COUNT ? table[index].name : NULL;
}

const char *bzctrl_setting_help(size_t index)
{
    return index < SETTING_COUNT ? table[index].help : NULL;
}

void settings_finish(struct settings *settings)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        free(settings->values[i]);
    *settings = (struct settings){0};
}

struct str settings_text(const struct settings *settings, enum setting setting)
{
    const char *value = settings->values[setting];
    if (value == NULL && table[setting].standard[0] != '\0')
        value = table[setting].standard;
    return str_of(value);
}

int64_t settings_number(const struct settings *settings, enum setting setting)
{
    uint64_t number = 0;
    (void)!str_to_u64(settings_text(settings, setting), INT32_MAX, &number);
    return (int64_t)number;
}

/* ---- setting one ---- */

static const char *fault_of(enum setting_kind kind, struct str value)
{
    uint64_t number;
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.p[i] < 0x20)
            return "contains a control character";
    if (value.n > VALUE_MAX)
        return "is too long";
    if (kind != SETTING_KIND_PATH && !utf8_valid(value))
        return "is not UTF-8";
    if (kind == SETTING_KIND_URL && !str_starts(value, STR("http://")) &&
        !str_starts(value, STR("https://")))
        return "must begin with https:// or http://";
    if (kind == SETTING_KIND_NUMBER && (!str_to_u64(value, 1000000, &number) || number == 0))
        return "must be a whole number from 1 to 1000000";
    return NULL;
}

enum err settings_set(struct settings *settings, struct op *op, struct str name, struct str value)
{
    enum setting setting = settings_find(name);
    if (setting == SETTING_COUNT)
        return op_fail(op, ERR_SETTINGS, "unknown setting \"%.*s\"",
                       STR_ARG(str_sub(name, 0, 100)));
    enum setting_kind kind = table[setting].kind;
    while (kind == SETTING_KIND_URL && value.n > 0 && value.p[value.n - 1] == '/')
        value.n--;
    char *copy = NULL;
    if (value.n > 0) {
        const char *fault = fault_of(kind, value);
        if (fault != NULL)
            return op_fail(op, ERR_SETTINGS, "%s %s", table[setting].name, fault);
        copy = strndup(value.p, value.n);
        if (copy == NULL)
            return ERR_MEMORY;
    }
    free(settings->values[setting]);
    settings->values[setting] = copy;
    return ERR_OK;
}

/* ---- the file ---- */

enum err home_file(struct op *op, const char *variable, const char *fallback, const char *name,
                   struct str *ret_file)
{
    const char *folder = getenv(variable), *home = getenv("HOME");
    struct str file;
    if (folder != NULL && folder[0] == '/')
        file = arena_printf(op->arena, "%s/bzctrl/%s", folder, name);
    else if (home != NULL && home[0] == '/')
        file = arena_printf(op->arena, "%s/%s/bzctrl/%s", home, fallback, name);
    else
        return op_fail(op, ERR_SETTINGS, "neither %s nor HOME is set; name the files yourself",
                       variable);
    if (file.p == NULL)
        return ERR_MEMORY;
    *ret_file = file;
    return ERR_OK;
}

enum err settings_file(struct op *op, struct str *ret_file)
{
    const char *file = getenv("BZCTRL_CONFIG");
    if (file == NULL || file[0] == '\0')
        return home_file(op, "XDG_CONFIG_HOME", ".config", "config", ret_file);
    *ret_file = str_of(file);
    return ERR_OK;
}

/* A line of the file: "[section]", "name = value", or neither. */
struct line {
    struct str section, name, value; /* absent, or trimmed */
    struct str raw;                  /* with its line end */
};

static bool line_next(struct str *rest, struct line *ret_line)
{
    if (rest->n == 0)
        return false;
    size_t end = str_find(*rest, '\n');
    struct line line = {.raw = str_sub(*rest, 0, end + 1)};
    *rest = str_from(*rest, end + 1);
    struct str text = str_trim(line.raw);
    if (text.n >= 2 && text.p[0] == '[' && text.p[text.n - 1] == ']') {
        line.section = str_trim(str_sub(text, 1, text.n - 2));
    } else if (text.n > 0 && text.p[0] != '#' && text.p[0] != ';') {
        line.name = str_trim(str_cut(&text, '='));
        line.value = text.p == NULL ? STR_NONE : str_trim(text);
    }
    *ret_line = line;
    return true;
}

/* Reads the whole file; "" if it does not exist. */
static enum err text_read(struct op *op, struct str file, struct str *ret_text);

enum err settings_read(struct settings *settings, struct op *op, struct str file,
                       struct str profile, struct str *ret_profile)
{
    struct str text, rest, section = STR("");
    struct line line;
    enum err err = text_read(op, file, &text);
    if (err != ERR_OK)
        return err;
    rest = text;
    while (profile.p == NULL && line_next(&rest, &line) && line.section.p == NULL)
        if (str_eq(line.name, STR("profile")))
            profile = line.value;
    if (profile.n == 0)
        return op_fail(op, ERR_SETTINGS,
                       "%.*s selects no profile; run `bzctrl login`, or choose one with --profile",
                       STR_ARG(file));
    bool found = false;
    rest = text;
    for (int number = 1; err == ERR_OK && line_next(&rest, &line); number++) {
        if (line.section.p != NULL)
            section = line.section;
        bool ours = str_eq(section, profile);
        found = found || ours;
        if (!ours || line.name.p == NULL)
            continue;
        struct op quiet = {.arena = op->arena};
        err = line.value.p == NULL
                  ? op_fail(&quiet, ERR_SETTINGS, "a line must be \"name = value\"")
                  : settings_set(settings, &quiet, line.name, line.value);
        if (err != ERR_OK)
            err = op_fail(op, err, "%.*s, line %d: %.150s", STR_ARG(file), number, quiet.detail);
    }
    if (err == ERR_OK && !found)
        err =
            op_fail(op, ERR_SETTINGS, "%.*s has no profile \"%.*s\"; create it with `bzctrl login`",
                    STR_ARG(file), STR_ARG(str_sub(profile, 0, 100)));
    struct str name = arena_str(op->arena, profile);
    if (err == ERR_OK && name.p == NULL)
        err = ERR_MEMORY;
    if (err == ERR_OK)
        *ret_profile = name;
    return err;
}

static void add_section(const struct settings *settings, struct buf *out, struct str profile)
{
    buf_printf(out, "[%.*s]\n", STR_ARG(profile));
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (settings->values[i] != NULL)
            buf_printf(out, "%s = %s\n", table[i].name, settings->values[i]);
}

static bool profile_valid(struct str profile)
{
    bool valid = profile.n > 0 && profile.n <= 64;
    for (size_t i = 0; valid && i < profile.n; i++) {
        char c = profile.p[i];
        valid = ascii_alpha(c) || ascii_digit(c) || (i > 0 && (c == '-' || c == '_' || c == '.'));
    }
    return valid;
}

enum err settings_write(const struct settings *settings, struct op *op, struct str file,
                        struct str profile)
{
    struct str text, rest, section = STR("");
    struct line line;
    struct buf out;
    if (!profile_valid(profile))
        return op_fail(op, ERR_SETTINGS,
                       "a profile name may contain only letters, digits, '-', '_' and '.'");
    enum err err = text_read(op, file, &text);
    if (err != ERR_OK)
        return err;
    buf_init(&out, FILE_MAX);
    if (text.n == 0)
        buf_printf(&out, "profile = %.*s\n\n", STR_ARG(profile));
    bool written = false;
    for (rest = text; line_next(&rest, &line);) {
        if (line.section.p != NULL)
            section = line.section;
        bool ours = str_eq(section, profile);
        if (!ours) {
            buf_add(&out, line.raw);
            if (rest.n == 0 && line.raw.p[line.raw.n - 1] != '\n')
                buf_char(&out, '\n');
        } else if (!written) {
            add_section(settings, &out, profile);
            written = true;
        }
    }
    if (!written)
        add_section(settings, &out, profile);
    err = buf_err(&out);
    if (err == ERR_OK)
        err = file_replace(op, file, buf_str(&out));
    buf_finish(&out);
    return err;
}

static enum err text_read(struct op *op, struct str file, struct str *ret_text)
{
    struct op quiet = {.arena = op->arena};
    enum err err = secret_read(&quiet, file, false, ret_text);
    if (err == ERR_NOT_FOUND) {
        *ret_text = STR("");
        return ERR_OK;
    }
    if (err != ERR_OK)
        return op_fail(op, err, "%s", quiet.detail);
    static const struct str mark = STR_INIT("\xEF\xBB\xBF"); /* Notepad's */
    if (str_starts(*ret_text, mark))
        *ret_text = str_from(*ret_text, mark.n);
    return ERR_OK;
}
