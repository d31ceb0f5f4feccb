/* Page: the template of leakwatch export --format html, made at build time (bundle.sh) and a part of the
 * tool. */
#ifndef LEAKWATCH_PAGE_PAGE_H
#define LEAKWATCH_PAGE_PAGE_H

#include <stddef.h>

/* Where the report goes: JSON, in an element for data. It is there once. */
#define PAGE_MARK "@REPORT@"

/* UTF-8, no NUL at its end, valid for ever. size 0: npm was not there when this was built. */
struct page {
    const char *text;
    size_t size;
};

struct page page_template(void);

#endif
