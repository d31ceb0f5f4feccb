/* Settings: the LEAKWATCH_* variables and the options of the same names, and what of them the tool uses.
 *
 * The recorder reads the variables itself; the tool checks them before it hands them on, and reads those
 * that concern the report.
 */
#ifndef LEAKWATCH_TOOL_SETTINGS_H
#define LEAKWATCH_TOOL_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct setting {
    const char *option; /* without the dashes */
    const char *variable;
    const char *value;    /* for --help: "SIZE" */
    const char *meaning;  /* for --help: one line */
    const char *accepted; /* for people whose value is not */
};
extern const struct setting settings_table[];
extern const size_t settings_count;

/* Whether the value is one that this setting takes. */
bool settings_accepts(const struct setting *setting, const char *value);

enum setting_children { SHOW_FLAGGED, SHOW_ALL, SHOW_NONE };

/* What a report looks like. */
enum report_form { FORM_TEXT, FORM_JSON, FORM_GITHUB, FORM_JUNIT };

struct settings {
    const char *output; /* stderr, stdout, none or a pattern */
    enum report_form form;
    uint32_t top;
    const char *suppressions; /* a file, or NULL */
    const char *ledger;       /* a pattern, or NULL */
    enum setting_children children;
    bool all_frames; /* of the command line only: no variable */
    bool quiet;      /* likewise: no line on progress */
    int exit_code;   /* 0 = leave it alone */
};

/* The form of this name: false when there is none. */
bool settings_form(const char *name, enum report_form *form);

/* From the environment; what is malformed there counts as not set (the recorder complains about it). */
struct settings settings_of_environment(void);

#endif
