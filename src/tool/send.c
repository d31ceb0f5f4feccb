/* See send.h. */
#include "send.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../include/leakwatch.h"

/* ---- libcurl, loaded ---- */

static struct {
    typeof(curl_global_init) *global_init;
    typeof(curl_easy_init) *init;
    typeof(curl_easy_setopt) *set;
    typeof(curl_easy_perform) *perform;
    typeof(curl_easy_getinfo) *get;
    typeof(curl_easy_cleanup) *cleanup;
    typeof(curl_easy_strerror) *error;
    typeof(curl_mime_init) *form;
    typeof(curl_mime_addpart) *form_part;
    typeof(curl_mime_name) *part_name;
    typeof(curl_mime_filename) *part_file;
    typeof(curl_mime_data) *part_data;
    typeof(curl_mime_free) *form_free;
    typeof(curl_slist_append) *header;
    typeof(curl_slist_free_all) *headers_free;
    typeof(curl_url) *url;
    typeof(curl_url_set) *url_set;
    typeof(curl_url_get) *url_get;
    typeof(curl_url_cleanup) *url_free;
    typeof(curl_free) *release;
} curl;

static const struct {
    const char *name;
    void *pointer;
} functions[] = {
    {"curl_global_init", &curl.global_init},
    {"curl_easy_init", &curl.init},
    {"curl_easy_setopt", &curl.set},
    {"curl_easy_perform", &curl.perform},
    {"curl_easy_getinfo", &curl.get},
    {"curl_easy_cleanup", &curl.cleanup},
    {"curl_easy_strerror", &curl.error},
    {"curl_mime_init", &curl.form},
    {"curl_mime_addpart", &curl.form_part},
    {"curl_mime_name", &curl.part_name},
    {"curl_mime_filename", &curl.part_file},
    {"curl_mime_data", &curl.part_data},
    {"curl_mime_free", &curl.form_free},
    {"curl_slist_append", &curl.header},
    {"curl_slist_free_all", &curl.headers_free},
    {"curl_url", &curl.url},
    {"curl_url_set", &curl.url_set},
    {"curl_url_get", &curl.url_get},
    {"curl_url_cleanup", &curl.url_free},
    {"curl_free", &curl.release},
};

const char *send_lacks(void)
{
    static const char lack[] = "there is no libcurl.so.4 of version 7.85 or newer here: install libcurl4";
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *function = library ? dlsym(library, functions[i].name) : NULL;
        if (!function)
            return lack;
        memcpy(functions[i].pointer, &function, sizeof function);
    }
    return curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? NULL : lack;
}

/* ---- the address ---- */

static bool part_is(CURLU *url, CURLUPart part, const char *one, const char *other)
{
    char *text = NULL;
    bool is = curl.url_get(url, part, &text, 0) == CURLUE_OK &&
              (strcmp(text, one) == 0 || strcmp(text, other) == 0);
    curl.release(text);
    return is;
}

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool has = curl.url_get(url, part, &text, 0) == CURLUE_OK;
    curl.release(text);
    return has;
}

int send_check(const char *text, char *why, size_t why_size)
{
    CURLU *url = curl.url();
    bool whole = url && curl.url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
                 part_is(url, CURLUPART_SCHEME, "http", "https");
    bool open = whole && (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD));
    curl.url_free(url);
    if (!whole)
        snprintf(why, why_size, "%s: expected a URL such as http://pyroscope:4040", text);
    else if (open) /* and it is not repeated here */
        snprintf(why, why_size, "no password in the URL, where ps shows it: put it into ~/.netrc");
    return whole && !open ? 0 : -1;
}

/* Behind what leads to the server, also where that is a folder of a proxy. */
static bool add_path(CURLU *url)
{
    static const char end[] = "/ingest";
    char *path = NULL, *whole = NULL;
    if (curl.url_get(url, CURLUPART_PATH, &path, 0) != CURLUE_OK)
        return false;
    size_t length = strlen(path);
    bool there = length >= sizeof end - 1 && strcmp(path + length - (sizeof end - 1), end) == 0;
    while (length && path[length - 1] == '/')
        length--;
    bool added = there || (asprintf(&whole, "%.*s%s", (int)length, path, end) > 0 &&
                           curl.url_set(url, CURLUPART_PATH, whole, 0) == CURLUE_OK);
    free(whole);
    curl.release(path);
    return added;
}

static bool add_query(CURLU *url, const char *name, const char *value)
{
    char *pair = NULL;
    bool added = asprintf(&pair, "%s=%s", name, value) > 0 &&
                 curl.url_set(url, CURLUPART_QUERY, pair, CURLU_APPENDQUERY | CURLU_URLENCODE) == CURLUE_OK;
    free(pair);
    return added;
}

/* NULL without memory; else for url_free. */
static CURLU *address_of(const struct sending *s)
{
    char from[24], until[24];
    CURLU *url = curl.url();
    snprintf(from, sizeof from, "%lu", (unsigned long)s->from_s);
    snprintf(until, sizeof until, "%lu", (unsigned long)s->until_s);
    if (url && curl.url_set(url, CURLUPART_URL, s->url, 0) == CURLUE_OK && add_path(url) &&
        add_query(url, "name", s->name) && add_query(url, "from", from) && add_query(url, "until", until) &&
        add_query(url, "format", "pprof") && add_query(url, "spyName", "leakwatch"))
        return url;
    curl.url_free(url);
    return NULL;
}

/* ---- what is sent ---- */

static bool add_part(curl_mime *form, const char *name, const char *file, const void *data, size_t size)
{
    curl_mimepart *part = curl.form_part(form);
    return part && curl.part_name(part, name) == CURLE_OK && curl.part_file(part, file) == CURLE_OK &&
           curl.part_data(part, data, size) == CURLE_OK;
}

/* NULL without memory. */
static curl_mime *form_of(CURL *handle, const struct sending *s)
{
    curl_mime *form = curl.form(handle);
    if (form && add_part(form, "profile", "profile.pprof", s->profile, s->size) &&
        add_part(form, "sample_type_config", "sample_type_config.json", s->types, strlen(s->types)))
        return form;
    curl.form_free(form);
    return NULL;
}

static bool add_header(struct curl_slist **list, const char *name, const char *value)
{
    char *line = NULL;
    if (!value)
        return true;
    struct curl_slist *longer = asprintf(&line, "%s%s", name, value) > 0 ? curl.header(*list, line) : NULL;
    free(line);
    *list = longer ? longer : *list;
    return longer != NULL;
}

/* ---- what is answered ---- */

struct answer {
    char text[201]; /* how it begins, for a person */
    size_t length;
};

static size_t take_answer(char *bytes, size_t one, size_t count, void *to)
{
    struct answer *a = to;
    size_t room = sizeof a->text - 1 - a->length, taken = count < room ? count : room;
    (void)one;
    memcpy(a->text + a->length, bytes, taken);
    a->length += taken;
    return count;
}

/* error: of the system's, or 0. */
static enum sent tell_failure(CURLcode code, long error, const struct sending *s, const char *details,
                              char *why, size_t size)
{
    if (code == CURLE_COULDNT_CONNECT && error)
        snprintf(why, size, "%s: %s: is the server running there?", s->url, strerror((int)error));
    else if (code == CURLE_COULDNT_RESOLVE_HOST)
        snprintf(why, size, "%s: no host of this name is known", s->url);
    else if (code == CURLE_OPERATION_TIMEDOUT)
        snprintf(why, size, "%s: no answer within %ld s", s->url, s->timeout_s);
    else
        snprintf(why, size, "%s: %s", s->url, *details ? details : curl.error(code));
    return code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_PEER_FAILED_VERIFICATION ? SENT_NEVER
                                                                                        : SENT_NOT_NOW;
}

static enum sent tell_refusal(long status, const struct sending *s, struct answer *a, char *why, size_t size)
{
    a->text[strcspn(a->text, "\r\n")] = '\0';
    const char *hint = *a->text ? a->text : "without a reason";
    char length[80];
    snprintf(length, sizeof length, "the profile's %zu bytes are more than it takes: raise its limit",
             s->size);
    if (status == 401 || status == 403)
        hint = s->token ? "it does not take the token in PYROSCOPE_AUTH_TOKEN"
                        : "it wants a token in PYROSCOPE_AUTH_TOKEN, or a login in ~/.netrc";
    else if (status == 404 || status == 405)
        hint = "nothing takes profiles there: is this Pyroscope's URL?";
    else if (status == 413)
        hint = length;
    else if (status / 100 == 3)
        hint = "it has moved: give the URL where it is now";
    snprintf(why, size, "%s: refused, HTTP %ld: %s", s->url, status, hint);
    return status == 429 || status / 100 == 5 ? SENT_NOT_NOW : SENT_NEVER;
}

/* Redirections are not followed: credentials are for the server that was named. */
static void set_manners(CURL *handle, const struct sending *s, struct answer *a)
{
    curl.set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl.set(handle, CURLOPT_NETRC, (long)(s->token ? CURL_NETRC_IGNORED : CURL_NETRC_OPTIONAL));
    curl.set(handle, CURLOPT_NOSIGNAL, 1L);
    curl.set(handle, CURLOPT_TIMEOUT, s->timeout_s);
    curl.set(handle, CURLOPT_USERAGENT, "leakwatch/" LEAKWATCH_VERSION);
    curl.set(handle, CURLOPT_WRITEFUNCTION, take_answer);
    curl.set(handle, CURLOPT_WRITEDATA, a);
}

static enum sent perform(CURL *handle, const struct sending *s, char *why, size_t why_size)
{
    struct answer answer = {0};
    char details[CURL_ERROR_SIZE] = "";
    long status = 0, error = 0;
    set_manners(handle, s, &answer);
    curl.set(handle, CURLOPT_ERRORBUFFER, details);
    CURLcode code = curl.perform(handle);
    curl.get(handle, CURLINFO_RESPONSE_CODE, &status);
    curl.get(handle, CURLINFO_OS_ERRNO, &error);
    /* A server that refuses before it has read all may close while we write. */
    if (code != CURLE_OK && status < 400)
        return tell_failure(code, error, s, details, why, why_size);
    return status / 100 == 2 ? SENT : tell_refusal(status, s, &answer, why, why_size);
}

enum sent send_profile(const struct sending *s, char *why, size_t why_size)
{
    CURL *handle = curl.init();
    CURLU *url = handle ? address_of(s) : NULL;
    curl_mime *form = url ? form_of(handle, s) : NULL;
    struct curl_slist *headers = NULL;
    enum sent sent = SENT_NOT_NOW;
    snprintf(why, why_size, "out of memory");
    /* Without "Expect": a server that does not know it would cost a second. */
    if (form && add_header(&headers, "Authorization: Bearer ", s->token) &&
        add_header(&headers, "X-Scope-OrgID: ", s->tenant) && add_header(&headers, "Expect:", "") &&
        curl.set(handle, CURLOPT_CURLU, url) == CURLE_OK &&
        curl.set(handle, CURLOPT_MIMEPOST, form) == CURLE_OK &&
        curl.set(handle, CURLOPT_HTTPHEADER, headers) == CURLE_OK)
        sent = perform(handle, s, why, why_size);
    curl.cleanup(handle);
    curl.form_free(form);
    curl.url_free(url);
    curl.headers_free(headers);
    return sent;
}
