/*
 * Accept-Language (RFC 9110, section 12.5.4): in which of our languages a client wants to read what
 * is wrong with a filter. English where it names neither, or likes both as much and English first.
 */
#ifndef BZCTRL_API_ACCEPT_LANGUAGE_H
#define BZCTRL_API_ACCEPT_LANGUAGE_H

struct call;

/* From here on the call's filters are refused in the language of its client; without it, in English. Only
 * what reads filters needs it. */
void call_language(struct call *call);

#endif
