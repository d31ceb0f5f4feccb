/* See whole.h. */
#include "whole.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* O_NONBLOCK for the opening only: a pipe without a writer is empty, one with a writer is waited for. */
static FILE *open_file(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return NULL;
    fcntl(fd, F_SETFL, 0);
    bool folder = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
    FILE *in = folder ? NULL : fdopen(fd, "r");
    if (!in) {
        close(fd);
        errno = folder ? EISDIR : errno;
    }
    return in;
}

/* Until the end, or until there is more than allowed. NULL with errno. */
static char *read_all(FILE *in, size_t most, size_t *size)
{
    char *text = NULL;
    size_t room = 0;
    for (*size = 0; !feof(in) && *size <= most;) {
        if (*size == room) {
            char *more = realloc(text, (room = room ? room * 2 : 65536) + 1);
            if (!more)
                break;
            text = more;
        }
        *size += fread(text + *size, 1, room - *size, in);
        if (ferror(in))
            break;
    }
    if (feof(in) && *size <= most) {
        text[*size] = '\0';
        return text;
    }
    free(text);
    errno = *size > most ? EFBIG : errno;
    return NULL;
}

char *whole_read(const char *path, size_t most, size_t *size)
{
    FILE *in = open_file(path);
    if (!in)
        return NULL;
    char *text = read_all(in, most, size);
    int error = errno;
    fclose(in);
    errno = error;
    return text;
}
