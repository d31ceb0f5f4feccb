/* A server that answers made-up requests for some seconds. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- the access log, which a page shows ---- */

#define LOG_LINES 1000 /* the page shows no more */

static char *log_lines[LOG_LINES];
static size_t log_count;

static void log_request(int user, int picture)
{
    char **oldest = &log_lines[log_count % LOG_LINES];
    free(*oldest);
    if (asprintf(oldest, "user %d wants picture %d", user, picture) < 0)
        *oldest = NULL;
    log_count++;
}

/* ---- thumbnails, made once each ---- */

#define SHELVES 4096

struct thumbnail {
    struct thumbnail *next;
    int picture;
    unsigned char pixels[96];
};

static struct thumbnail *shelves[SHELVES];

static const struct thumbnail *thumbnail_of(int picture)
{
    struct thumbnail **shelf = &shelves[picture % SHELVES];
    for (const struct thumbnail *t = *shelf; t; t = t->next)
        if (t->picture == picture)
            return t;
    struct thumbnail *made = *shelf; /* the one that was there makes room */
    if (!made)
        made = calloc(1, sizeof *made);
    made->picture = picture;
    return *shelf = made;
}

/* ---- who wants to know when pictures change ---- */

struct listener {
    struct listener *next;
    int user;
};

static struct listener *listeners;

static void subscribe(int user)
{
    struct listener *l = malloc(sizeof *l);
    *l = (struct listener){listeners, user};
    listeners = l;
}

static void unsubscribe(int user)
{
    for (struct listener **l = &listeners; *l; l = &(*l)->next)
        if ((*l)->user == user) {
            struct listener *gone = *l;
            *l = gone->next;
            free(gone);
            return;
        }
}

/* ---- names of users, read at the start and kept ---- */

static char *names[20000];

static void read_names(void)
{
    for (int i = 0; i < 20000; i++)
        if (asprintf(&names[i], "user number %d", i) < 0)
            exit(1);
}

/* ---- a request ---- */

static size_t answer(int user, int picture)
{
    char *page = NULL; /* comes and goes */
    subscribe(user);
    log_request(user, picture);
    int length = asprintf(&page, "%s: %d", names[user], thumbnail_of(picture)->picture);
    free(page);
    unsubscribe(user);
    return length > 0 ? (size_t)length : 0;
}

int main(int argc, char **argv)
{
    time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 10);
    size_t sent = 0;
    read_names();
    for (int request = 0; time(NULL) < end; request++) {
        sent += answer(request % 20000, request);
        nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
    }
    printf("%zu bytes sent\n", sent);
    return 0;
}
