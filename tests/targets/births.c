/* Children born in unusual ways. The parent's totals must be its own, exactly; children that live long enough
 * for a ledger (0.3 s) have theirs. No child may hang: each has a watchdog.
 *
 *     births WAY [--times N]
 *
 *     _Fork clone clone3    copies of the process of which the C library, or nobody in it, is told
 *     clone_vm              shares the memory until it ends, and allocates in it
 *     clone_vm_thread       the same from threads that have never allocated themselves
 *     handler               fork in a signal handler
 *     double                fork twice, as daemons do by hand
 *     daemon                daemon(3), then closes every descriptor it does not know
 *     becomes_daemon        the process itself does; the daemon leaves a file `daemon`
 *     becomes_another       the child records for a while, then becomes another program
 *     orphan                the child outlives its parent
 *     deathsig              the child asks to be killed with its parent
 *     crowd                 N children at once
 */
#include "target.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE 60u /* seconds until a child counts as hung */
#define BLOCKS   1000

static void *kept[BLOCKS];

NAMED static void parent_allocates(void)
{
    for (int i = 0; i < BLOCKS; i++) {
        free(kept[i]);
        kept[i] = malloc(100);
    }
}

NAMED static void child_allocates(void)
{
    for (int i = 0; i < BLOCKS; i++)
        kept[i] = malloc(1000); /* what was there is the parent's */
}

NAMED static void *guest_allocates(size_t size)
{
    return malloc(size);
}

static void live_for(double seconds)
{
    for (struct timespec start = now(); seconds_since(start) < seconds;) {
        free(malloc(64));
        usleep(1000);
    }
}

/* What every child does that is a process of its own. */
static void child(double seconds)
{
    alarm(PATIENCE);
    for (int i = 0; i < BLOCKS; i++)
        free(kept[i]);
    live_for(seconds);
    child_allocates();
}

/* Waits for any child; its exit code, or 128 + the signal. */
static int ending(void)
{
    int status;
    if (wait(&status) < 0)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void expect(int status)
{
    int got = ending();
    if (got != status)
        printf("FAILED: a child ended with %d, not %d\n", got, status);
}

/* ---- copies of the process ---- */

static void by_Fork(void)
{
    if (_Fork() == 0) {
        child(0);
        _exit(7);
    }
    expect(7);
}

static void by_clone(void)
{
    if (syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL) == 0) {
        child(0);
        _exit(7);
    }
    expect(7);
}

static void by_clone3(void)
{
    struct clone_args how = {.exit_signal = SIGCHLD};
    if (syscall(SYS_clone3, &how, sizeof how) == 0) {
        child(0);
        exit(7); /* nothing is buffered */
    }
    expect(7);
}

static void on_signal(int number)
{
    (void)number;
    if (fork() == 0) {
        child(0);
        _exit(7);
    }
}

static void by_handler(void)
{
    raise(SIGUSR1);
    expect(7);
}

/* ---- the same memory ---- */

static int guest(void *unused)
{
    (void)unused;
    for (size_t i = 0; i < 100; i++)
        free(guest_allocates(i));
    _exit(7);
}

static void by_clone_vm(void)
{
    static _Alignas(64) char stack[64 << 10];
    if (clone(guest, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL) < 0)
        puts("FAILED: clone");
    expect(7);
}

/* The first allocation of this thread is its guest's: whatever is set up then must not go with the guest. */
static void *host(void *stack)
{
    pid_t pid = clone(guest, (char *)stack + (64 << 10), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
    int status = 0;
    if (waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != 7)
        puts("FAILED: the guest");
    for (int i = 0; i < 10000; i++)
        free(guest_allocates(32));
    return NULL;
}

static void by_clone_vm_thread(void)
{
    static _Alignas(64) char stack[8][64 << 10];
    pthread_t thread[8];
    for (int i = 0; i < 8; i++)
        pthread_create(&thread[i], NULL, host, stack[i]);
    for (int i = 0; i < 8; i++)
        pthread_join(thread[i], NULL);
}

/* ---- generations ---- */

static void by_double(void)
{
    if (fork() == 0) {
        if (fork() == 0) {
            setsid();
            child(0);
            exit(8);
        }
        _exit(7);
    }
    int one = ending(), other = ending();
    if (one + other != 15)
        printf("FAILED: %d and %d\n", one, other);
}

static void become_daemon(void)
{
    if (daemon(1, 0) != 0) /* the parent ends inside the C library */
        _exit(1);
    closefrom(3);
    child(0.3);
    if (open("working", O_CREAT | O_WRONLY | O_TRUNC, 0600) != 3 || write(3, "mine\n", 5) != 5 ||
        rename("working", "daemon") != 0)
        _exit(2);
    exit(8);
}

static void by_daemon(void)
{
    if (fork() == 0) {
        child_allocates();
        become_daemon();
    }
    int one = ending(), other = ending();
    if (one != 0 || other != 8)
        printf("FAILED: %d and %d\n", one, other);
}

static void by_becoming_another(void)
{
    if (fork() == 0) {
        child(0.2);
        execl("/bin/true", "true", (char *)NULL);
        _exit(1);
    }
    expect(0);
}

static void by_orphan(void)
{
    if (fork() == 0) {
        if (fork() == 0) {
            pid_t parent = getppid();
            child(0.3);
            while (getppid() == parent)
                usleep(1000);
            exit(8);
        }
        child(0.15);
        exit(7);
    }
    int one = ending(), other = ending();
    if (one != 7 || other != 8)
        printf("FAILED: %d and %d\n", one, other);
}

static void by_deathsig(void)
{
    if (fork() == 0) {
        int ready[2];
        char byte;
        if (pipe(ready) != 0)
            _exit(1);
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            child(0);
            if (write(ready[1], "!", 1) == 1)
                live_for(PATIENCE);
            _exit(1);
        }
        _exit(read(ready[0], &byte, 1) == 1 ? 7 : 1);
    }
    int one = ending(), other = ending();
    if (one != 7 || other != 128 + SIGKILL)
        printf("FAILED: %d and %d\n", one, other);
}

static int crowd = 1;

static void by_crowd(void)
{
    for (int i = 0; i < crowd; i++)
        if (fork() == 0) {
            child(0.3);
            exit(7);
        }
    for (int i = 0; i < crowd; i++)
        expect(7);
}

/* ---- */

static const struct {
    const char *name;
    void (*give_birth)(void);
} ways[] = {
    {"_Fork", by_Fork},
    {"clone", by_clone},
    {"clone3", by_clone3},
    {"handler", by_handler},
    {"clone_vm", by_clone_vm},
    {"clone_vm_thread", by_clone_vm_thread},
    {"becomes_daemon", become_daemon},
    {"double", by_double},
    {"daemon", by_daemon},
    {"orphan", by_orphan},
    {"becomes_another", by_becoming_another},
    {"deathsig", by_deathsig},
    {"crowd", by_crowd},
};

int main(int argc, char **argv)
{
    int times = (int)option_number(argv, "times", 1), guests = 0;
    const char *name = argc > 1 ? argv[1] : "";
    void (*give_birth)(void) = NULL;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (strcmp(name, ways[i].name) == 0)
            give_birth = ways[i].give_birth;
    if (!give_birth)
        return 2;
    if (give_birth == by_crowd) {
        crowd = times;
        times = 1;
    }
    if (give_birth == by_clone_vm)
        guests = 100 * times;
    if (give_birth == by_clone_vm_thread)
        guests = 8 * (100 + 10000) * times;
    setvbuf(stdout, NULL, _IOLBF, 0); /* a child has nothing of ours to flush */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    signal(SIGUSR1, on_signal);
    for (int i = 0; i < times; i++) {
        parent_allocates();
        give_birth();
    }
    printf("truth: allocations parent_allocates %d\ntruth: live_blocks parent_allocates %d\n", BLOCKS * times,
           BLOCKS);
    printf("truth: allocations guest_allocates %d\ntruth: live_blocks guest_allocates 0\n", guests);
    puts("truth: allocations child_allocates 0\nended");
    return 0;
}
