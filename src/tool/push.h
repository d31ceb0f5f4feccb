/* Push: a profile to a server that keeps them, by Pyroscope's ingest API: POST
 * URL/ingest?name=..&from=..&until=..&format=pprof with the profile as a part of a form
 * (https://grafana.com/docs/pyroscope/latest/configure-server/about-server-api/). By libcurl; in a build
 * without it push_lacks.c is in this place.
 */
#ifndef LEAKWATCH_TOOL_PUSH_H
#define LEAKWATCH_TOOL_PUSH_H

#include <stddef.h>
#include <stdint.h>

struct push {
    const char *url;         /* of the server, without /ingest */
    const char *name;        /* "shop{host=a,pid=1}" */
    const char *token;       /* or NULL: sent as Authorization: Bearer */
    const char *tenant;      /* or NULL: sent as X-Scope-OrgID */
    int64_t from_s, until_s; /* since 1970 */
};

/* 0, or -1 with one line in why: the server cannot be reached, did not answer in a minute, or refused it.
 * Redirections are not followed: a token would go to who knows whom. */
int push_send(const struct push *p, const char *profile, size_t size, char *why, size_t why_size);

/* What this build has been made without; NULL: nothing. */
const char *push_lacks(void);

#endif
