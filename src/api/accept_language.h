/*
 * Accept-Language (RFC 9110, section 12.5.4): in which of our languages a client wants to read what
 * is wrong with a filter. English where it names neither, or likes both as much and English first.
 */
#ifndef BZCTRL_API_ACCEPT_LANGUAGE_H
#define BZCTRL_API_ACCEPT_LANGUAGE_H

#include "base/str.h"

bool accept_language_is_dutch(struct str header);

#endif
