/* A daemon's life, and at every step all that a library could have changed about its process: descriptors,
 * threads, signals, environment, limits, timers, modes. Whatever it prints is the same at every run, under a
 * recorder too; names that begin with LD_, LEAKWATCH_ or DUMP_ are left out of the environment.
 *
 *   manners [--seconds S]    S of work between the first steps: clocks tick, children grow up
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <limits.h>
#include <locale.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio_ext.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "target.h"

extern char **environ;

/* ---- what can be seen ---- */

/* Links as they are, without the numbers that change: of pipes and sockets, and those of 0, 1, 2. */
static void print_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    for (struct dirent *entry; (entry = readdir(folder));) {
        char link[PATH_MAX] = "";
        int fd = atoi(entry->d_name);
        if (entry->d_name[0] == '.' || fd == dirfd(folder))
            continue;
        if (fd > 2 && readlinkat(dirfd(folder), entry->d_name, link, sizeof link - 1) > 0)
            link[strcspn(link, "[")] = '\0';
        printf("descriptor %d %s\n", fd, link);
    }
    closedir(folder);
}

static void print_file(const char *name, const char *const *lines)
{
    char line[4096];
    FILE *file = fopen(name, "re");
    while (file && fgets(line, sizeof line, file)) {
        bool wanted = !lines;
        for (const char *const *l = lines; l && *l; l++)
            wanted = wanted || strncmp(line, *l, strlen(*l)) == 0;
        if (wanted)
            printf("%s: %s", name, line);
    }
    if (file)
        fclose(file);
}

static void print_signals(void)
{
    for (int signal = 1; signal <= 64; signal++) {
        struct sigaction action;
        if (sigaction(signal, NULL, &action) == 0 && (action.sa_handler != SIG_DFL || action.sa_flags))
            printf("signal %d: %s, flags %x\n", signal, action.sa_handler == SIG_IGN ? "ignored" : "handled",
                   (unsigned)action.sa_flags);
    }
    stack_t stack;
    sigaltstack(NULL, &stack);
    printf("signal stack: flags %d, %zu bytes\n", stack.ss_flags, stack.ss_size);
}

static void print_environment(void)
{
    for (char **entry = environ; *entry; entry++)
        if (strncmp(*entry, "LD_", 3) != 0 && strncmp(*entry, "LEAKWATCH_", 10) != 0 &&
            strncmp(*entry, "DUMP_", 5) != 0)
            puts(*entry);
}

static void print_limits(void)
{
    for (int which = 0; which < RLIM_NLIMITS; which++) {
        struct rlimit limit;
        getrlimit((__rlimit_resource_t)which, &limit);
        printf("limit %d: %lx %lx\n", which, limit.rlim_cur, limit.rlim_max);
    }
    for (int which = ITIMER_REAL; which <= ITIMER_PROF; which++) {
        struct itimerval timer;
        getitimer((__itimer_which_t)which, &timer);
        printf("timer %d: %ld %ld\n", which, timer.it_value.tv_sec, timer.it_value.tv_usec);
    }
}

static void print_modes(void)
{
    char cwd[PATH_MAX], name[17] = "";
    unsigned sse = __builtin_ia32_stmxcsr();
    unsigned short x87;
    cpu_set_t processors;
    __asm__("fnstcw %0" : "=m"(x87));
    prctl(PR_GET_NAME, name);
    sched_getaffinity(0, sizeof processors, &processors);
    printf("in %s, locale %s, rounding %d %x %x\n", getcwd(cwd, sizeof cwd), setlocale(LC_ALL, NULL),
           fegetround(), sse & 0xffc0, x87);
    printf("name %s, dumpable %d, no_new_privs %d, subreaper %d, slack %d, thp %d, seccomp %d\n", name,
           prctl(PR_GET_DUMPABLE), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
           prctl(PR_GET_CHILD_SUBREAPER, &(int){0}), prctl(PR_GET_TIMERSLACK),
           prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), prctl(PR_GET_SECCOMP));
    printf("nice %d, scheduler %d, processors %d, leader %d\n", getpriority(PRIO_PROCESS, 0),
           sched_getscheduler(0), CPU_COUNT(&processors), getsid(0) == getpid());
    printf("stdout: buffer %zu, by lines %d; stderr %zu\n", __fbufsize(stdout), __flbf(stdout),
           __fbufsize(stderr));
}

static void print_all(const char *step)
{
    static const char *const lines[] = {"Umask",  "Threads", "SigPnd",    "SigBlk",        "SigIgn",
                                        "SigCgt", "Shd",     "Cap",       "NoNewPrivs",    "Uid",
                                        "Gid",    "Groups",  "TracerPid", "Cpus_allowed:", NULL};
    int before = errno;
    printf("== %s, errno %d\n", step, before);
    print_descriptors();
    print_file("/proc/self/status", lines);
    print_file("/proc/self/oom_score_adj", NULL);
    print_file("/proc/self/timers", NULL);
    print_file("/proc/thread-self/children", NULL);
    print_signals();
    print_environment();
    print_limits();
    print_modes();
    fflush(stdout);
    errno = before;
}

/* ---- what is done ---- */

NAMED static void allocate(void)
{
    void *blocks[100];
    for (size_t i = 0; i < 100; i++)
        blocks[i] = malloc(10 + i * i);
    for (size_t i = 0; i < 100; i++)
        free(blocks[i]);
}

static void *in_thread(void *unused)
{
    allocate();
    return unused;
}

static void work(double seconds)
{
    for (struct timespec start = now(); seconds_since(start) < seconds;)
        allocate();
}

static int tasks(void)
{
    int count = 0;
    DIR *folder = opendir("/proc/self/task");
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    if (folder)
        closedir(folder);
    return count;
}

/* Join returns a little before the kernel has done with a thread: with any luck in less than these 5 s. */
static void await_alone(void)
{
    for (int i = 0; i < 5000 && tasks() > 1; i++)
        usleep(1000);
}

static void use_threads(void)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(threads + i, NULL, in_thread, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    await_alone();
}

static void use_plugin(const char *program)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%.*s/libplugin.so", (int)(strrchr(program, '/') - program), program);
    void *plugin = dlopen(path, RTLD_NOW);
    printf("plugin %s\n", plugin ? "loaded" : dlerror());
    if (plugin)
        dlclose(plugin);
}

/* The heap grows as it would: by as many MiB, and as many keys can be had but for one. */
static void use_up(void)
{
    static void *blocks[100000];
    char *before = sbrk(0);
    for (int i = 0; i < 100000; i++)
        blocks[i] = malloc(100);
    printf("heap grew by %ld MiB\n", ((char *)sbrk(0) - before) >> 20);
    for (int i = 0; i < 100000; i++)
        free(blocks[i]);
    pthread_key_t keys[PTHREAD_KEYS_MAX];
    int count = 0;
    while (count < PTHREAD_KEYS_MAX && pthread_key_create(keys + count, NULL) == 0)
        count++;
    printf("keys: %s\n", count >= PTHREAD_KEYS_MAX - 1 ? "enough" : "too few");
    while (count-- > 0)
        pthread_key_delete(keys[count]);
}

/* The lowest number that is free, each time. */
static void reopen(void)
{
    close(0);
    printf("opened as %d", open("/dev/null", O_RDONLY));
    for (int i = 0; i < 3; i++)
        printf(" %d", open("/dev/null", O_RDONLY));
    puts("");
}

static void at_exit(void)
{
    print_all("at exit");
}

static void live_as_daemon(double seconds)
{
    print_all("forked");
    setsid();
    umask(027);
    closefrom(3);
    allocate();
    print_all("in a session of its own");
    work(seconds);
    if (chdir("/") != 0)
        abort();
    print_all("grown up");
    reopen();
    use_threads();
    print_all("descriptors opened");
}

int main(int argc, char **argv)
{
    (void)argc;
    double seconds = option_number(argv, "seconds", 1.5);
    int status = 0;
    errno = 77;
    print_all("started");
    reopen();
    allocate();
    print_all("allocated");
    work(seconds);
    print_all("worked");
    use_threads();
    print_all("had threads");
    use_plugin(argv[0]);
    use_up();
    print_all("had a plugin");
    atexit(at_exit);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        live_as_daemon(seconds);
    else
        waitpid(child, &status, 0);
    return status != 0;
}
