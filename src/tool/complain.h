/* Complaints: one line on stderr that says what is wrong and with what. */
#ifndef LEAKWATCH_TOOL_COMPLAIN_H
#define LEAKWATCH_TOOL_COMPLAIN_H

/* Exit statuses, a promise to scripts. */
enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* "leakwatch: MESSAGE\n" on stderr. Control bytes in it (from file names, ledgers) are made visible. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
