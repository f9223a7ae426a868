/*
 * The settings of a client, and the files they come from: an INI file with a section for each
 * profile, and secrets in files of their own that nobody else can read.
 */
#ifndef BZCTRL_CLIENT_SETTINGS_H
#define BZCTRL_CLIENT_SETTINGS_H

#include "base/op.h"

enum setting {
#define SETTING(field, name, kind, standard, help) SETTING_##field,
#include "client/settings.def"
#undef SETTING
    SETTING_COUNT
};

/* Each text is on the heap, or NULL: not set. */
struct settings {
    char *values[SETTING_COUNT];
};

void settings_finish(struct settings *settings);

/* As set, else as is standard; absent when neither. */
struct str settings_text(const struct settings *settings, enum setting setting);
int64_t settings_number(const struct settings *settings, enum setting setting);

/* ERR_SETTINGS, ERR_MEMORY. */
enum err settings_set(struct settings *settings, struct op *op, struct str name,
                      struct str value) MUST_CHECK;

/* SETTING_COUNT when there is none of the name. */
enum setting settings_find(struct str name);

/* The file to read when none is named, in op->arena. */
enum err settings_file(struct op *op, struct str *ret_file) MUST_CHECK;

/* Reads a profile, absent: the one that the file names by itself. *ret_profile is its name.
 * ERR_SETTINGS with file and line of what is wrong. */
enum err settings_read(struct settings *settings, struct op *op, struct str file,
                       struct str profile, struct str *ret_profile) MUST_CHECK;

/* Writes them as a profile; the file's other lines stay. ERR_IO. */
enum err settings_write(const struct settings *settings, struct op *op, struct str file,
                        struct str profile) MUST_CHECK;

/* A small file without the line end at its end, in op->arena. With `secret` it is refused,
 * ERR_SETTINGS, when others may read it. ERR_NOT_FOUND, ERR_IO. */
enum err secret_read(struct op *op, struct str file, bool secret, struct str *ret_text) MUST_CHECK;

/* Puts `content` in a file's place in one step, synced, for its owner alone; folders above it are
 * made. ERR_IO, ERR_FULL. */
enum err secret_write(struct op *op, struct str file, struct str content) MUST_CHECK;

/* Makes the folders above a file that are missing, each for its owner alone. */
enum err folders_make(struct op *op, struct str file) MUST_CHECK;

/* A file `name` in bzctrl's own folder below what the variable or, without it, $HOME/fallback
 * names. ERR_SETTINGS without a home. */
enum err home_file(struct op *op, const char *variable, const char *fallback, const char *name,
                   struct str *ret_file) MUST_CHECK;

#endif
