/* See command.h. */
#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"

int command_misused(const char *command, char **argv, int answer)
{
    const char *option = argv[optind - 1];
    if (answer == ':')
        complain("%s: option %s needs a value; see leakwatch %s --help", command, option, command);
    else
        complain("%s: unknown or ambiguous option %s; see leakwatch %s --help", command, option, command);
    return EXIT_USAGE;
}

int command_number(const char *command, const char *option, const char *text, int most)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (*text >= '0' && *text <= '9' && !*end && !errno && value <= most)
        return (int)value;
    complain("%s: --%s %s: expected a number from 0 to %d", command, option, text, most);
    return -1;
}

long command_seconds(const char *command, const char *option, const char *text)
{
    static const char units[] = "smh";
    static const long seconds[] = {1, 60, 3600};
    char *end = NULL;
    errno = 0;
    long number = *text >= '0' && *text <= '9' ? strtol(text, &end, 10) : 0;
    const char *unit = end && *end ? strchr(units, *end) : NULL;
    if (unit && !end[1] && !errno && number > 0 && number <= 86400 / seconds[unit - units])
        return number * seconds[unit - units];
    complain("%s: --%s %s: expected a time from 1s to 24h, such as 30s or 5m", command, option, text);
    return -1;
}

int command_help(const char *text)
{
    fputs(text, stdout);
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}
