/* What the library and the tool have agreed on for the report at exit: `leakwatch report --at-exit LEDGER`.
 */
#ifndef LEAKWATCH_AT_EXIT_H
#define LEAKWATCH_AT_EXIT_H

#define AT_EXIT_OPTION "at-exit"

/* The tool's exit status when the report was given. Not 0: that is what any other program says, too. */
#define AT_EXIT_GIVEN 68

#endif
