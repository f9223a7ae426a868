/*
 * "didYouMean" of GET /tasks: what the `q` of a list without records may have meant (model/query_hint.h),
 * if that finds something.
 */
#ifndef BZCTRL_API_DID_YOU_MEAN_H
#define BZCTRL_API_DID_YOU_MEAN_H

#include "base/err.h"

struct call;

/* Writes the member into call->json, or nothing. To look costs what a list of one record does, at most
 * three times. ERR_MEMORY, or an error of the database. */
enum err did_you_mean_put(struct call *call) MUST_CHECK;

#endif
