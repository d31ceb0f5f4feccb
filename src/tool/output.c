/* See output.h. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_word(const char *name)
{
    return strcmp(name, "stdout") == 0 || strcmp(name, "stderr") == 0 || strcmp(name, "none") == 0;
}

/* The program's name is the target's: it must not lead into another folder. */
static void put_program(FILE *out, const char *program)
{
    for (; *program; program++)
        fputc(*program == '/' ? '_' : *program, out);
}

static void put_directive(FILE *out, char directive, const struct ledger_header *head)
{
    char host[256] = "";
    switch (directive) {
    case 'p':
        fprintf(out, "%u", head->pid);
        break;
    case 'n':
        put_program(out, head->program);
        break;
    case 't':
        fprintf(out, "%" PRIu64, head->started_ns / 1000000000);
        break;
    case 'h':
        gethostname(host, sizeof host - 1);
        fputs(host, out);
        break;
    default:
        fputc(directive, out);
    }
}

char *output_name(const char *pattern, const struct ledger_header *head)
{
    char *name = NULL;
    size_t size = 0;
    if (is_word(pattern))
        return strdup(pattern);
    FILE *out = open_memstream(&name, &size);
    if (!out)
        return NULL;
    for (; *pattern; pattern++) {
        if (*pattern == '%' && pattern[1])
            put_directive(out, *++pattern, head);
        else
            fputc(*pattern, out);
    }
    fclose(out);
    return name;
}

bool output_colour(const char *name)
{
    const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");
    if ((no && *no) || !terminal || strcmp(terminal, "dumb") == 0)
        return false;
    return strcmp(name, "stdout") == 0 ? isatty(1) : strcmp(name, "stderr") == 0 && isatty(2);
}

/* Somebody may have laid a file of his own where the report is to go, to read it, or another name of one of
 * ours, to have it overwritten. */
static int take_over(int fd)
{
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        if (st.st_uid != geteuid() || st.st_nlink > 1) {
            errno = st.st_nlink > 1 ? EMLINK : EPERM;
            return -1;
        }
        return ftruncate(fd, 0);
    }
    return 0;
}

/* Links by nature: /dev/stdout and its kind; but /dev/shm is everybody's. */
static bool is_device_name(const char *name)
{
    return strncmp(name, "/dev/", 5) == 0 && strncmp(name, "/dev/shm/", 9) != 0;
}

/* A link that somebody laid into /tmp is not followed, and a pipe that nobody reads is an error at once. */
static int open_output(const char *name)
{
    bool device = is_device_name(name);
    int fd = open(
        name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (device ? O_TRUNC : O_NOFOLLOW), 0666);
    if (fd < 0)
        return -1;
    fcntl(fd, F_SETFL, 0); /* from now on one waits: a reader may be slow */
    if (device || take_over(fd) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static const char *reason(int error)
{
    switch (error) {
    case ENXIO:
        return "it is a pipe that nobody reads";
    case ELOOP:
        return "it is a symbolic link";
    case EPERM:
        return "it exists and belongs to another user";
    case EMLINK:
        return "it exists and has other names (hard links)";
    default:
        return strerror(error);
    }
}

static int write_all(int fd, const char *text, size_t size)
{
    while (size) {
        ssize_t written = write(fd, text, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        text += written;
        size -= (size_t)written;
    }
    return 0;
}

int output_write(const char *name, const char *text, size_t size, char *why, size_t why_size)
{
    if (strcmp(name, "none") == 0)
        return 0;
    bool standard = is_word(name);
    int fd = !standard ? open_output(name) : strcmp(name, "stdout") == 0 ? 1 : 2;
    int result = fd < 0 ? -1 : write_all(fd, text, size);
    if (fd >= 0 && !standard && close(fd) != 0) /* where network files tell that the disk is full */
        result = -1;
    if (result != 0)
        snprintf(why, why_size, "cannot write the report to %s: %s", name, reason(errno));
    return result;
}
