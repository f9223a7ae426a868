#include "fetch/curl.h"

#include <curl/curl.h>

#include <pthread.h>

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

/* Safe with others in the process that use libcurl, since it counts its calls. */
static void begin(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

void curl_ready(void)
{
    pthread_once(&curl_once, begin);
}
