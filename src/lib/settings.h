/*
 * The settings of a client and the files they come from: an INI file with a section for each
 * profile, and secrets in separate files that only their owner can read.
 */
#ifndef BZCTRL_LIB_SETTINGS_H
#define BZCTRL_LIB_SETTINGS_H

#include "base/op.h"

enum setting {
#define SETTING(field, name, kind, standard, help) SETTING_##field,
#include "lib/settings.def"
#undef SETTING
    SETTING_COUNT
};

/* Each text is on the heap, or NULL if not set. */
struct settings {
    char *values[SETTING_COUNT];
};

void settings_finish(struct settings *settings);

/* The value or the default; absent if there is neither. */
struct str settings_text(const struct settings *settings, enum setting setting);
int64_t settings_number(const struct settings *settings, enum setting setting);

/* ERR_SETTINGS, ERR_MEMORY. */
enum err settings_set(struct settings *settings, struct op *op, struct str name,
                      struct str value) MUST_CHECK;

/* SETTING_COUNT if there is no such setting. */
enum setting settings_find(struct str name);

/* The default settings file, in op->arena. */
enum err settings_file(struct op *op, struct str *ret_file) MUST_CHECK;

/* Reads a profile, or the file's default one if `profile` is absent. *ret_profile is its name.
 * ERR_SETTINGS with the file and line of the fault. */
enum err settings_read(struct settings *settings, struct op *op, struct str file,
                       struct str profile, struct str *ret_profile) MUST_CHECK;

/* Writes the settings as a profile; the file's other lines stay. ERR_IO. */
enum err settings_write(const struct settings *settings, struct op *op, struct str file,
                        struct str profile) MUST_CHECK;

/* Reads a small file without its final line end, into op->arena. With `secret`, ERR_SETTINGS if
 * others can read it. ERR_NOT_FOUND, ERR_IO. */
enum err secret_read(struct op *op, struct str file, bool secret, struct str *ret_text) MUST_CHECK;

/* The file `name` in bzctrl's folder below $variable or, if that is not set, $HOME/fallback.
 * ERR_SETTINGS if neither is set. */
enum err home_file(struct op *op, const char *variable, const char *fallback, const char *name,
                   struct str *ret_file) MUST_CHECK;

#endif
