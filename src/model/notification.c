#include "model/notification.h"

#define BIT(reason) (1U << (reason))
#define ALL         (BIT(NOTIFY_REASONS) - 1)
#define HOUR        INT64_C(3600000)

const struct notify_settings notify_usual = {.app = ALL,
                                             .mail = ALL & ~BIT(NOTIFY_STATUS),
                                             .bundle = BUNDLE_NOW,
                                             .language = LANGUAGE_UNSET};

bool notify_settings_equal(const struct notify_settings *a, const struct notify_settings *b)
{
    return a->app == b->app && a->mail == b->mail && a->bundle == b->bundle &&
           a->language == b->language;
}

struct str notify_reason_name(enum notify_reason reason)
{
    static const struct str names[NOTIFY_REASONS] = {
        [NOTIFY_ASSIGNED] = STR_INIT("assigned"),
        [NOTIFY_MENTIONED] = STR_INIT("mentioned"),
        [NOTIFY_COMMENTED] = STR_INIT("commented"),
        [NOTIFY_STATUS] = STR_INIT("status"),
        [NOTIFY_DUE] = STR_INIT("due"),
        [NOTIFY_OVERDUE] = STR_INIT("overdue"),
        [NOTIFY_ESCALATED] = STR_INIT("escalated"),
        [NOTIFY_CONFIRM] = STR_INIT("confirm"),
        [NOTIFY_WEBHOOK_FAILING] = STR_INIT("webhookFailing"),
        [NOTIFY_WEBHOOK_PAUSED] = STR_INIT("webhookPaused"),
        [NOTIFY_RETURNED] = STR_INIT("returned"),
    };
    return names[reason];
}

static const struct {
    struct str name;
    int64_t ms;
} bundles[BUNDLE_COUNT] = {
    [BUNDLE_NOW] = {STR_INIT("at once"), 0},
    [BUNDLE_HOURS] = {STR_INIT("4 hours"), 4 * HOUR},
    [BUNDLE_DAY] = {STR_INIT("daily"), 24 * HOUR},
    [BUNDLE_WEEK] = {STR_INIT("weekly"), 168 * HOUR},
};

static const struct str languages[LANGUAGE_COUNT] = {
    [LANGUAGE_EN] = STR_INIT("en"),
    [LANGUAGE_NL] = STR_INIT("nl"),
};

struct str notify_bundle_name(enum notify_bundle bundle)
{
    return bundles[bundle].name;
}

int64_t notify_bundle_ms(enum notify_bundle bundle)
{
    return bundles[bundle].ms;
}

struct str language_name(enum language language)
{
    return languages[language];
}

bool notify_bundle_read(struct str name, enum notify_bundle *ret_bundle)
{
    for (unsigned i = 0; i < BUNDLE_COUNT; i++)
        if (str_eq(name, bundles[i].name)) {
            *ret_bundle = (enum notify_bundle)i;
            return true;
        }
    return false;
}

bool language_read(struct str name, enum language *ret_language)
{
    for (unsigned i = 0; i < LANGUAGE_COUNT; i++)
        if (str_eq(name, languages[i])) {
            *ret_language = (enum language)i;
            return true;
        }
    return false;
}
