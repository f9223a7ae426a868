#include "model/date.h"

#include <glib.h>
#include <stdlib.h>

struct zone {
    GTimeZone *zone;
};

/* GLib also takes offsets, POSIX rules ("ABC5") and whatever file a path leads to. An IANA name
 * begins with a letter, and has digits only after its area ("Etc/GMT+5"); the few old ones that
 * have not are POSIX rules themselves. */
static bool name_valid(struct str name)
{
    bool area = false;
    if (name.n == 0 || !ascii_alpha(name.p[0]))
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (c == '/')
            area = true;
        else if (!ascii_alpha(c) && c != '_' && c != '-' && c != '+' && !(area && ascii_digit(c)))
            return false;
    }
    return true;
}

struct zone *zone_create(const char *name)
{
    struct zone *zone = name_valid(str_of(name)) ? calloc(1, sizeof *zone) : NULL;
    if (zone == NULL)
        return NULL;
    zone->zone = g_time_zone_new_identifier(name);
    if (zone->zone == NULL) {
        free(zone);
        return NULL;
    }
    return zone;
}

struct zone *zone_share(const struct zone *zone)
{
    struct zone *copy = calloc(1, sizeof *copy);
    if (copy != NULL)
        copy->zone = g_time_zone_ref(zone->zone);
    return copy;
}

void zone_destroy(struct zone *zone)
{
    if (zone == NULL)
        return;
    g_time_zone_unref(zone->zone);
    free(zone);
}

int32_t zone_date(const struct zone *zone, int64_t time)
{
    gint64 seconds = time / 1000 - (time % 1000 < 0);
    gint interval = g_time_zone_find_interval(zone->zone, G_TIME_TYPE_UNIVERSAL, seconds);
    int32_t date = date_of_time((seconds + g_time_zone_get_offset(zone->zone, interval)) * 1000);
    return date < DATE_MIN ? DATE_MIN : date > DATE_MAX ? DATE_MAX : date;
}

/* Seconds east of Greenwich at a time. */
static gint64 offset_at(const struct zone *zone, gint64 seconds)
{
    gint interval = g_time_zone_find_interval(zone->zone, G_TIME_TYPE_UNIVERSAL, seconds);
    return g_time_zone_get_offset(zone->zone, interval);
}

int64_t zone_time(const struct zone *zone, int32_t date, int minute)
{
    enum { NEAR = 26 * 60 * 60 }; /* farther than any zone is from Greenwich */
    gint64 local = (gint64)date * 86400 + (gint64)minute * 60;
    gint64 before = offset_at(zone, local - NEAR), after = offset_at(zone, local + NEAR);
    gint64 first = local - before, second = local - after;
    bool first_is = offset_at(zone, first) == before, second_is = offset_at(zone, second) == after;
    bool takes_second = second_is && (!first_is || second < first);
    return (takes_second ? second : first) * 1000;
}
