/* Prints what options_read made of this process's own initial stack. With the argument "clobber" it
 * first writes over all its arguments and its environment, as setproctitle does. */
#include <stdio.h>
#include <string.h>

#include "options.h"

static void clobber(char **argv)
{
    char *end = argv[0];
    for (const char *const *e = options_envp(); *e; e++)
        end = (char *)(size_t)*e + strlen(*e);
    for (char *at = argv[0]; at < end; at++)
        *at = 'X';
}

int main(int argc, char **argv)
{
    options_read();
    printf("argc %d\n", argc);
    for (const char *const *a = options_argv(); *a; a++)
        printf("argv %s\n", *a);
    if (argc > 1 && strcmp(argv[1], "clobber") == 0)
        clobber(argv);
    printf("output %s\ninterval %llu\n", options.output, (unsigned long long)options.interval_ms);
    for (const char *const *e = options_entries(); *e; e++)
        printf("entry %s\n", *e);
    return 0;
}
