/*
 * What the demo shows: some months in the life of a workspace. Reports come in from a system; people
 * take them, write comments, attach files, move due dates and say why, agree on measures, hold a
 * stand-up every Friday of the last weeks, and close what is done. All of it goes through the judge and
 * the write lane like in any other store, only with the clock set back; it comes from a fixed seed, so
 * every demo shows the same.
 */
#ifndef BZCTRL_DAEMON_DEMO_STORY_H
#define BZCTRL_DAEMON_DEMO_STORY_H

#include "core/core.h"

enum { DEMO_DAYS = 170 }; /* that the story takes; it ends at op->now */

/* The account of the source document, which looks after all of it. */
#define DEMO_EMAIL "example@example.com"

/* Makes domain, workspaces, people, the system that reports, and the story. All of
 * them have that password. Somebody keeps the index of records. The clock runs again afterwards. */
enum err demo_story(struct core *core, struct op *op, struct str password_hash) MUST_CHECK;

#endif
