/* Send: a profile to a server of profiles, by Grafana Pyroscope's ingest protocol: POST URL/ingest?name=...,
 * a form with the profile in it.
 *
 * The only owner of libcurl, which is loaded when it is needed: with the thirty libraries that it brings it
 * would cost every report at the end of a program some milliseconds. Built without its headers, send_lacks.c
 * is in its place.
 */
#ifndef LEAKWATCH_TOOL_SEND_H
#define LEAKWATCH_TOOL_SEND_H

#include <stddef.h>
#include <stdint.h>

struct sending {
    const char *url;          /* of the server, as the user gave it: /ingest is added where it is not there */
    const char *name;         /* of the application, "shop{env=live}" */
    uint64_t from_s, until_s; /* since 1970 */
    const char *token, *tenant; /* for headers; or NULL */
    const void *profile;        /* gzip'd pprof */
    size_t size;
    const char *types; /* JSON: what its sample types mean */
    long timeout_s;    /* for all of it */
};

enum sent {
    SENT,
    SENT_NOT_NOW, /* no answer, or one that may be another later */
    SENT_NEVER    /* what was asked for is wrong */
};

/* What this build, or this machine, lacks for it; NULL: nothing. Asked before anything else. */
const char *send_lacks(void);

/* 0, or -1 with one line in why: no http or https URL, or one with a password, which others could read in ps.
 */
int send_check(const char *url, char *why, size_t why_size);

/* What is not SENT is told in one line in why. */
enum sent send_profile(const struct sending *s, char *why, size_t why_size);

#endif
