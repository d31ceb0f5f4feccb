/* Runs a program under the library and lets exactly one of the library's own system calls fail: the N-th
 * whose instruction lies in libleakwatch.so, in whatever thread or forked child (not in other programs).
 *
 *     fail_nth N LIBRARY RESULT PROGRAM [ARGUMENTS...]
 *
 * RESULT gets the name of the call that failed, or "none" when there were fewer. Exit status: the program's.
 * Calls that cannot fail are not counted, nor is close: failed or not, the descriptor is gone.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

static const struct call {
    uint64_t number;
    const char *name;
    int error; /* 0: not counted */
} calls[] = {
    {SYS_mmap, "mmap", ENOMEM},
    {SYS_munmap, "munmap", ENOMEM},
    {SYS_madvise, "madvise", EINVAL},
    {SYS_mprotect, "mprotect", ENOMEM},
    {SYS_openat, "openat", EMFILE},
    {SYS_mkdirat, "mkdirat", EACCES},
    {SYS_mkdir, "mkdir", EACCES},
    {SYS_ftruncate, "ftruncate", ENOSPC},
    {SYS_fallocate, "fallocate", ENOSPC},
    {SYS_write, "write", ENOSPC},
    {SYS_pwrite64, "pwrite64", ENOSPC},
    {SYS_read, "read", EIO},
    {SYS_pread64, "pread64", EIO},
    {SYS_clone, "clone", EAGAIN},
    {SYS_vfork, "vfork", EAGAIN},
    {SYS_execve, "execve", ENOENT},
    {SYS_unlinkat, "unlinkat", EACCES},
    {SYS_prlimit64, "prlimit64", EPERM},
    {SYS_fstatfs, "fstatfs", EIO},
    {SYS_newfstatat, "newfstatat", EACCES},
    {SYS_fstat, "fstat", EIO},
    {SYS_close, "close", 0},
    {SYS_exit, "exit", 0},
    {SYS_exit_group, "exit_group", 0},
    {SYS_rt_sigprocmask, "rt_sigprocmask", 0},
    {SYS_getpid, "getpid", 0},
    {SYS_getppid, "getppid", 0},
    {SYS_gettid, "gettid", 0},
    {SYS_geteuid, "geteuid", 0},
};

static uint64_t left_to_go, text_start, text_end;
static const char *library, *failed = "none";
static pid_t failing; /* its call is on the way */
static int error_now;

/* The library's code in this process; false before it is mapped. */
static bool find_text(pid_t pid)
{
    char path[64], line[4400];
    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    FILE *maps = fopen(path, "r");
    while (maps && !text_end && fgets(line, sizeof line, maps))
        if (strstr(line, library) && strstr(line, " r-xp "))
            if (sscanf(line, "%lx-%lx", &text_start, &text_end) != 2)
                text_end = 0;
    if (maps)
        fclose(maps);
    return text_end != 0;
}

static struct call what_is(uint64_t number)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (calls[i].number == number)
            return calls[i];
    return (struct call){number, "another call", EPERM};
}

static void on_entry(pid_t tid, const struct ptrace_syscall_info *info)
{
    struct user_regs_struct regs;
    struct call call = what_is(info->entry.nr);
    if (!text_end && !find_text(tid))
        return;
    if (info->instruction_pointer < text_start || info->instruction_pointer > text_end || !call.error)
        return;
    if (left_to_go == 0 || --left_to_go > 0)
        return;
    error_now = call.error;
    if (info->entry.nr == SYS_madvise && info->entry.args[2] == MADV_POPULATE_WRITE)
        error_now = EFAULT; /* what a full tmpfs says */
    ptrace(PTRACE_GETREGS, tid, NULL, &regs);
    regs.orig_rax = (unsigned long)-1;
    ptrace(PTRACE_SETREGS, tid, NULL, &regs);
    failing = tid;
    failed = call.name;
}

static void on_exit_of_call(pid_t tid)
{
    struct user_regs_struct regs;
    if (tid != failing)
        return;
    ptrace(PTRACE_GETREGS, tid, NULL, &regs);
    regs.rax = (unsigned long long)-error_now;
    ptrace(PTRACE_SETREGS, tid, NULL, &regs);
    failing = 0;
}

/* Returns the signal to pass on, or -1 when the process is let go. */
static int on_stop(pid_t tid, int status)
{
    struct ptrace_syscall_info info;
    int signal = WSTOPSIG(status), event = status >> 16;
    if (signal == (SIGTRAP | 0x80)) {
        if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof info, &info) > 0) {
            if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
                on_entry(tid, &info);
            else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
                on_exit_of_call(tid);
        }
        return 0;
    }
    if (event == PTRACE_EVENT_EXEC && text_end)
        return -1; /* another program */
    return event || signal == SIGTRAP || signal == SIGSTOP ? 0 : signal;
}

static int trace(pid_t root)
{
    int status, result = -1;
    pid_t tid;
    while ((tid = waitpid(-1, &status, __WALL)) > 0) {
        if (!WIFSTOPPED(status)) {
            if (tid == root)
                result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            continue;
        }
        int signal = on_stop(tid, status);
        ptrace(signal < 0 ? PTRACE_DETACH : PTRACE_SYSCALL, tid, NULL, signal < 0 ? 0L : (long)signal);
    }
    return result;
}

int main(int argc, char **argv)
{
    if (argc < 5)
        return 2;
    left_to_go = strtoull(argv[1], NULL, 10);
    library = argv[2];
    pid_t root = fork();
    if (root == 0) {
        setenv("LD_PRELOAD", library, 1);
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        execv(argv[4], argv + 4);
        _exit(127);
    }
    int status;
    if (waitpid(root, &status, 0) != root || !WIFSTOPPED(status))
        return 2;
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                   PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    ptrace(PTRACE_SETOPTIONS, root, NULL, options);
    ptrace(PTRACE_SYSCALL, root, NULL, NULL);
    int result = trace(root);
    FILE *file = fopen(argv[3], "w");
    if (!file)
        return 2;
    fprintf(file, "%s\n", failed);
    fclose(file);
    return result;
}
