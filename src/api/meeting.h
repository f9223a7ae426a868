/*
 * The series of stand-ups that a path names, for the calls under /meetings/{id}.
 */
#ifndef BZCTRL_API_MEETING_H
#define BZCTRL_API_MEETING_H

#include "api/call.h"
#include "model/meeting.h"

/* Reads it by call->db. ERR_ANSWERED: 404 when it does not exist or the caller may not see it. */
enum err meeting_find(struct call *call, struct meeting *ret_meeting) MUST_CHECK;

/* The same from the call lane; with `holds`, 403 for a caller who may only read. */
enum err meeting_find_wait(struct call *call, bool holds, struct meeting *ret_meeting) MUST_CHECK;

/* ERR_OK for a caller who may change it and hold its sessions. */
enum err meeting_expect_held(struct call *call, const struct meeting *meeting) MUST_CHECK;

#endif
