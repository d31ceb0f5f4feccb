/* Progress: one line on stderr, where that is a terminal, about work that takes longer than a second;
 * rewritten in place, and gone when the work is done.
 *
 * The work goes on in a child (apart.h), which says what it is at in a page that both see. It may write
 * anything there: the parent shows it as it shows all that strangers wrote.
 */
#ifndef LEAKWATCH_TOOL_PROGRESS_H
#define LEAKWATCH_TOOL_PROGRESS_H

/* Before the child is made. Does nothing without a terminal, and then what follows does nothing either. */
void progress_begin(void);

/* In the child: the file whose symbols are read now. */
void progress_file(const char *path);

/* In the parent, again and again: shows what is due. In how many ms to come again. */
int progress_tick(void);

/* The line is gone. */
void progress_end(void);

#endif
