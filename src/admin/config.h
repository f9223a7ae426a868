/*
 * The configuration: the settings of settings.def, from flags, the environment and an INI file.
 */
#ifndef BZCTRL_ADMIN_CONFIG_H
#define BZCTRL_ADMIN_CONFIG_H

#include "base/buf.h"
#include "base/op.h"
#include "mail/send.h"
#include "model/notification.h"
#include "tool/arguments.h"

/* A byte for each setting. */
struct config_count {
#define CONFIG(field, flag, standard, value, help) char field;
#include "admin/settings.def"
#undef CONFIG
};
enum { CONFIG_COUNT = sizeof(struct config_count) };

/* Where a value comes from; a later one here goes before an earlier one. */
enum config_origin { CONFIG_DEFAULT, CONFIG_FILE, CONFIG_ENVIRONMENT, CONFIG_BY_FLAG };

struct config {
#define CONFIG(field, flag, standard, value, help) struct str field;
#include "admin/settings.def"
#undef CONFIG
    enum config_origin origins[CONFIG_COUNT];
};

/* The flags that every command has: one for each setting, and --config. */
enum { CONFIG_FLAG_COUNT = CONFIG_COUNT + 1 };
extern const struct flag config_flags[CONFIG_FLAG_COUNT];

/* Fills in every setting. The INI file is named by --config or BZCTRL_CONFIG; without either,
 * /etc/bzctrl/bzctrl.ini is read if it exists. ERR_SYNTAX with op->detail for an unreadable
 * file, an unknown key or an invalid value. */
enum err config_read(struct op *op, const struct arguments *arguments,
                     struct config *ret_config) MUST_CHECK;

/* The URL of the database: `database`, or the file in the data folder. */
struct str config_database(struct op *op, const struct config *config);

/* The start of every link: `public_url`, or a URL derived from the listening address. Absent
 * when out of memory. */
struct str config_links(struct op *op, const struct config *config, struct str address);

/* The settings of mail; borrowed from the configuration. */
struct mail_settings config_mail(const struct config *config);

enum language config_language(const struct config *config);

/* Appends "name = value" for every setting, as the INI file spells it; passwords in URLs are not
 * shown. */
void config_print(const struct config *config, struct buf *out);

/* Appends the value of the setting config_flags[i] as config_print() shows it; and the word for its
 * origin: "default", "file", "environment" or "flag". */
void config_show(const struct config *config, size_t i, struct buf *out);
struct str config_origin_name(enum config_origin origin);

#endif
