/* bzctrld: the server of bzctrl, and the commands of those who run it. */
#include "daemon/program.h"

#include <signal.h>
#include <sodium.h>
#include <stdio.h>

enum { WORDS_MAX = 64 };

int main(int argc, char **argv)
{
    struct str words[WORDS_MAX];
    size_t n = 0;
    if (sodium_init() < 0) {
        fputs("bzctrld: cannot get random numbers from the system\n", stderr);
        return EXIT_SOFTWARE;
    }
    if (argc - 1 > WORDS_MAX) {
        fputs("bzctrld: too many arguments\n", stderr);
        return EXIT_USAGE;
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file at its limit is a full disk: an error, and no death */
    for (int i = 1; i < argc; i++)
        words[n++] = str_of(argv[i]);
    return program_main(words, n);
}
