/* Print: from a ledger file to a report in its place; what `report` and `run` share. */
#ifndef LEAKWATCH_TOOL_PRINT_H
#define LEAKWATCH_TOOL_PRINT_H

#include "report.h"
#include "settings.h"

struct printed {
    uint32_t growing;          /* sites flagged */
    struct ledger_header head; /* whose report it was */
};

/* Reads, judges, names and writes. fall_back: to stderr when the output cannot be written.
 * 0, or -1 after one line on stderr. printed is valid with 0. */
int print_report(const char *path, const struct settings *settings, const struct report_options *options,
                 bool fall_back, struct printed *printed);

/* The same without writing: size bytes, to be freed; NULL after one line on stderr. */
char *print_to_memory(const char *path, const struct settings *settings, const struct report_options *options,
                      size_t *size);

/* The file of suppressions that the settings name, if any. 0, or -1 after one line. */
int print_suppressions(struct suppressions *s, const struct settings *settings);

#endif
