/* libcurl as a whole, for each room that uses it. */
#ifndef BZCTRL_FETCH_CURL_H
#define BZCTRL_FETCH_CURL_H

/* Before anything else of libcurl, as often as it is wanted; from any thread. */
void curl_ready(void);

#endif
