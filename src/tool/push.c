/* See push.h. */
#include "push.h"

#include <ctype.h>
#include <string.h>

/* What is live or has grown is a level, of which a server shows the mean of a longer time; what was ever
 * allocated is a counter, of which it shows the steps. None is estimated by a rate. */
#define LEVEL(name, unit)                                                                                    \
    "\"" name "\":{\"units\":\"" unit "\",\"aggregation\":\"average\",\"display-name\":\"" name              \
    "\",\"sampled\":false}"
#define COUNTER(name, unit)                                                                                  \
    "\"" name "\":{\"units\":\"" unit                                                                        \
    "\",\"aggregation\":\"sum\",\"cumulative\":true,\"display-name\":\"" name "\",\"sampled\":false}"
const char push_types[] = "{" LEVEL("inuse_space", "bytes") "," LEVEL("inuse_objects", "objects") "," COUNTER(
    "alloc_space", "bytes") "," COUNTER("alloc_objects", "objects") "," LEVEL("growth_space", "bytes") "}";

int push_put(struct report *r, const struct export *e, FILE *out)
{
    struct push_facts facts = {.seen_ns = r->head.started_ns + r->process.age_ms * 1000000,
                               .age_ms = r->process.age_ms,
                               .running = r->process.alive};
    memcpy(facts.program, r->head.program, sizeof facts.program - 1);
    return fwrite(&facts, sizeof facts, 1, out) == 1 ? export_pprof(r, e, out) : -1;
}

/* ---- names ---- */

static bool may_be_in_name(char c)
{
    return isalnum((unsigned char)c) || strchr("_.-/", c);
}

bool push_is_name(const char *application)
{
    const char *c = application;
    while (*c && may_be_in_name(*c))
        c++;
    return c > application && !*c;
}

char *push_name(const char *application, const struct push_facts *facts, const char *labels)
{
    char program[sizeof facts->program] = "", *name = NULL;
    memcpy(program, facts->program, sizeof program - 1);
    for (char *c = program; *c; c++)
        if (!may_be_in_name(*c))
            *c = '_';
    application = application ? application : *program ? program : "unknown";
    return asprintf(&name, *labels ? "%s{%s}" : "%s%s", application, labels) < 0 ? NULL : name;
}

/* As Prometheus has them: a letter or _, then also digits. */
static bool is_key(const char *label, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!(isalpha((unsigned char)label[i]) || label[i] == '_' || (i && isdigit((unsigned char)label[i]))))
            return false;
    return length > 0;
}

static bool is_value(const char *value)
{
    for (const char *c = value; *c; c++)
        if (iscntrl((unsigned char)*c) || strchr("{},=\"", *c))
            return false;
    return *value;
}

bool push_add_label(char *labels, size_t size, const char *label, char *why, size_t why_size)
{
    size_t key = strcspn(label, "="), used = strlen(labels);
    if (!is_key(label, key) || !label[key] || !is_value(label + key + 1))
        snprintf(why, why_size, "%s: expected KEY=VALUE, such as env=live", label);
    else if (used + strlen(label) + 2 > size)
        snprintf(why, why_size, "%s: labels of more than %zu bytes", label, size - 1);
    else {
        snprintf(labels + used, size - used, "%s%s", used ? "," : "", label);
        return true;
    }
    return false;
}
