/* C++ operator new and delete: hooks, and this one call at start. */
#ifndef LEAKWATCH_PRELOAD_OPERATOR_NEW_H
#define LEAKWATCH_PRELOAD_OPERATOR_NEW_H

/* Finds the operators behind ours, where the program has any. Done before main, because the loader keeps one
 * error message a thread: a dlsym of ours in the middle of the program would lose what dlerror is to tell it.
 * Those that it does not have are hidden (hide.h): a plugin gets its own. */
void operator_new_init(void);

#endif
