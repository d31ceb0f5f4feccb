/* See regular.h. */
#include "regular.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define HOW (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

/* The file behind an O_PATH descriptor, which is a place and not yet an open file. */
static int reopen(int place, const char *path, const struct stat *seen)
{
    char link[64];
    struct stat now;
    snprintf(link, sizeof link, "/proc/self/fd/%d", place);
    int fd = open(link, HOW);
    if (fd >= 0 || errno != ENOENT)
        return fd;
    fd = open(path, HOW); /* no /proc here: by its name, and it must be the same still */
    if (fd >= 0 && (fstat(fd, &now) != 0 || now.st_dev != seen->st_dev || now.st_ino != seen->st_ino)) {
        close(fd);
        fd = -1;
        errno = EINVAL;
    }
    return fd;
}

int regular_open(const char *path, bool follow, struct stat *st)
{
    int place = open(path, O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW)), fd = -1, error = EINVAL;
    if (place < 0)
        return -1;
    if (fstat(place, st) == 0 && S_ISREG(st->st_mode)) {
        fd = reopen(place, path, st);
        error = errno;
    }
    close(place);
    errno = error;
    return fd;
}
