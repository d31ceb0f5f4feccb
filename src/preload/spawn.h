/* Spawn: runs another program and waits for it, so that the target cannot notice.
 *
 * No SIGCHLD, nothing for its waitpid(-1), no descriptor, no lock, no allocation, no errno. How:
 *
 *     target --clone(VM|VFORK, exit signal 0)--> go-between --clone(VM|VFORK, SIGCHLD)--> program
 *            <-- wait4(pid, __WALL) ------------            <-- bounded wait -----------
 *
 * The go-between sends no signal when it ends and is no child that wait() knows of; the program is a
 * child of the go-between, not of the target. All signals of the caller are off meanwhile; its other
 * threads run on.
 */
#ifndef LEAKWATCH_PRELOAD_SPAWN_H
#define LEAKWATCH_PRELOAD_SPAWN_H

struct spawn {
    const char *path;
    const char *const *argv;
    const char *const *envp;
    unsigned patience_ms; /* how long to wait, 0 = until it ends */
    int from, to;         /* the caller's descriptor `from` is the program's `to`; equal: nothing to do */
};

enum spawn_end {
    SPAWN_EXITED,    /* *detail: exit status */
    SPAWN_KILLED,    /* *detail: the signal */
    SPAWN_RUNNING,   /* it took longer than patience_ms and was left running */
    SPAWN_IMPOSSIBLE /* *detail: errno of what failed: clone, execve or memory */
};

/* The program gets the caller's descriptors 0, 1 and 2 and none else, its directory, user and ignored
 * signals, but no blocked ones, and its soft limits on memory and files raised to the hard ones. */
enum spawn_end spawn(const struct spawn *what, int *detail);

#endif
