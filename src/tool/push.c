/* See push.h. */
#include "push.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

/* Loaded when it is needed: libcurl brings thirty libraries along, which would cost each report 5 ms. */
#define CURL_LIBRARY "libcurl.so.4"
static struct {
    __typeof__(&curl_easy_init) init;
    __typeof__(&curl_easy_setopt) set;
    __typeof__(&curl_easy_perform) perform;
    __typeof__(&curl_easy_getinfo) info;
    __typeof__(&curl_easy_strerror) problem;
    __typeof__(&curl_easy_escape) escape;
    __typeof__(&curl_easy_cleanup) end;
    __typeof__(&curl_free) free;
    __typeof__(&curl_mime_init) form;
    __typeof__(&curl_mime_addpart) part;
    __typeof__(&curl_mime_name) part_name;
    __typeof__(&curl_mime_filename) part_file;
    __typeof__(&curl_mime_data) part_data;
    __typeof__(&curl_mime_free) form_free;
    __typeof__(&curl_slist_append) append;
    __typeof__(&curl_slist_free_all) free_all;
} curl;

/* In the order of the structure. */
static const char *const names[] = {
    "curl_easy_init",     "curl_easy_setopt",  "curl_easy_perform", "curl_easy_getinfo",
    "curl_easy_strerror", "curl_easy_escape",  "curl_easy_cleanup", "curl_free",
    "curl_mime_init",     "curl_mime_addpart", "curl_mime_name",    "curl_mime_filename",
    "curl_mime_data",     "curl_mime_free",    "curl_slist_append", "curl_slist_free_all"};
_Static_assert(sizeof curl == sizeof names, "a name for each");

static bool load(void)
{
    void **calls = (void **)(void *)&curl, *library = dlopen(CURL_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; library && i < sizeof names / sizeof *names; i++)
        if (!(calls[i] = dlsym(library, names[i])))
            return false;
    return library != NULL;
}

#define CONNECT_S 10L
#define WHOLE_S   60L

/* How Pyroscope is to show what is in the profile: each push is the whole of a run, so nothing is added up.
 */
static const char sample_types[] =
    "{\"inuse_space\":{\"units\":\"bytes\",\"aggregation\":\"average\",\"sampled\":false},"
    "\"inuse_objects\":{\"units\":\"objects\",\"aggregation\":\"average\",\"sampled\":false},"
    "\"alloc_space\":{\"units\":\"bytes\",\"aggregation\":\"average\",\"sampled\":false},"
    "\"alloc_objects\":{\"units\":\"objects\",\"aggregation\":\"average\",\"sampled\":false},"
    "\"growth_space\":{\"units\":\"bytes\",\"aggregation\":\"average\",\"sampled\":false}}";

/* The first line of what a server says, for a complaint. */
struct answer {
    char text[160];
    size_t size;
};

static size_t keep_answer(char *bytes, size_t one, size_t count, void *where)
{
    struct answer *answer = where;
    for (size_t i = 0; i < count && answer->size < sizeof answer->text - 1; i++) {
        if (bytes[i] == '\n' || bytes[i] == '\r')
            break;
        answer->text[answer->size++] = bytes[i] >= ' ' && bytes[i] < 127 ? bytes[i] : '?';
    }
    return one * count;
}

/* "URL/ingest?..."; free() it. NULL without memory. */
static char *address_of(CURL *session, const struct push *p)
{
    char *address = NULL, *name = curl.escape(session, p->name, 0);
    size_t length = strlen(p->url);
    while (length && p->url[length - 1] == '/')
        length--;
    if (name && asprintf(&address, "%.*s/ingest?name=%s&from=%lld&until=%lld&format=pprof&spyName=leakwatch",
                         (int)length, p->url, name, (long long)p->from_s, (long long)p->until_s) < 0)
        address = NULL;
    curl.free(name);
    return address;
}

/* False without memory. */
static bool add_part(curl_mime *form, const char *name, const char *file, const char *bytes, size_t size)
{
    curl_mimepart *part = curl.part(form);
    return part && curl.part_name(part, name) == CURLE_OK && curl.part_file(part, file) == CURLE_OK &&
           curl.part_data(part, bytes, size) == CURLE_OK;
}

static bool add_header(struct curl_slist **headers, const char *name, const char *value)
{
    char *line = NULL;
    if (!value)
        return true;
    if (asprintf(&line, "%s%s", name, value) < 0)
        return false;
    struct curl_slist *longer = curl.append(*headers, line);
    free(line);
    if (longer)
        *headers = longer;
    return longer != NULL;
}

static int perform(CURL *session, const struct push *p, char *why, size_t why_size)
{
    char problem[CURL_ERROR_SIZE] = "";
    struct answer answer = {0};
    long status = 0;
    curl.set(session, CURLOPT_ERRORBUFFER, problem);
    curl.set(session, CURLOPT_WRITEFUNCTION, keep_answer);
    curl.set(session, CURLOPT_WRITEDATA, &answer);
    CURLcode code = curl.perform(session);
    curl.set(session, CURLOPT_ERRORBUFFER, NULL);
    if (code != CURLE_OK) {
        snprintf(why, why_size, "%s: %s", p->url, problem[0] ? problem : curl.problem(code));
        return -1;
    }
    curl.info(session, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200 && status < 300)
        return 0;
    snprintf(why, why_size, "%s answers %ld%s%s", p->url, status, answer.size ? ": " : "", answer.text);
    return -1;
}

int push_send(const struct push *p, const char *profile, size_t size, char *why, size_t why_size)
{
    if (!load()) {
        snprintf(why, why_size, "%s cannot be loaded: install libcurl4", CURL_LIBRARY);
        return -1;
    }
    CURL *session = curl.init();
    curl_mime *form = session ? curl.form(session) : NULL;
    char *address = session ? address_of(session, p) : NULL;
    struct curl_slist *headers = NULL;
    int result = -1;
    snprintf(why, why_size, "out of memory");
    if (form && address && add_part(form, "profile", "profile.pprof", profile, size) &&
        add_part(form, "sample_type_config", "sample_type_config.json", sample_types,
                 sizeof sample_types - 1) &&
        add_header(&headers, "Authorization: Bearer ", p->token) &&
        add_header(&headers, "X-Scope-OrgID: ", p->tenant)) {
        curl.set(session, CURLOPT_URL, address);
        curl.set(session, CURLOPT_PROTOCOLS_STR, "http,https");
        curl.set(session, CURLOPT_MIMEPOST, form);
        curl.set(session, CURLOPT_HTTPHEADER, headers);
        curl.set(session, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
        curl.set(session, CURLOPT_TIMEOUT, WHOLE_S);
        curl.set(session, CURLOPT_NOSIGNAL, 1L);
        result = perform(session, p, why, why_size);
    }
    curl.free_all(headers);
    curl.form_free(form);
    curl.end(session);
    free(address);
    return result;
}

const char *push_lacks(void)
{
    return NULL;
}
