/* One page that opens in a browser without a network: the template (src/page) with the report in it, as JSON.
 *
 * Every name in the report is a stranger's, and it lies in an element whose end is told by text alone: what
 * could end it, or begin anything else in HTML or in a script, is written as JSON's \u escape, which says the
 * same. */
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "page.h"

/* The line and the paragraph separator, U+2028 and U+2029, end a line in scripts of old. */
static size_t separator(const char *text, size_t left)
{
    return left >= 3 && memcmp(text, "\xe2\x80", 2) == 0 && (text[2] == '\xa8' || text[2] == '\xa9') ? 3 : 0;
}

/* In JSON these occur in strings only. */
static void write_escaped(const char *json, size_t size, FILE *out)
{
    for (size_t i = 0; i < size; i++) {
        if (strchr("<>&", json[i]) && json[i]) {
            fprintf(out, "\\u%04x", (unsigned)json[i]);
        } else if (separator(json + i, size - i)) {
            fputs(json[i + 2] == '\xa8' ? "\\u2028" : "\\u2029", out);
            i += 2;
        } else {
            fputc(json[i], out);
        }
    }
}

const char *export_html_lacks(void)
{
    return page_template().size ? NULL : "page: install npm, run cmake anew";
}

int export_html(struct report *r, const struct export *e, FILE *out)
{
    struct page page = page_template();
    const char *mark = memmem(page.text, page.size, PAGE_MARK, strlen(PAGE_MARK));
    char *json = NULL;
    size_t size = 0;
    FILE *memory = mark ? open_memstream(&json, &size) : NULL;
    (void)e;
    if (!memory)
        return -1;
    int result = report_json_dense(r, memory);
    if (fclose(memory) != 0)
        result = -1;
    if (result == 0) {
        const char *rest = mark + strlen(PAGE_MARK);
        fwrite(page.text, 1, (size_t)(mark - page.text), out);
        write_escaped(json, size, out);
        fwrite(rest, 1, (size_t)(page.text + page.size - rest), out);
    }
    free(json);
    return result;
}
