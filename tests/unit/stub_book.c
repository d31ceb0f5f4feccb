/* A book in plain memory, for tests of what writes to it: no file, nothing shared. See book.h. */
#include "stub_book.h"

#include <string.h>

#include "book.h"
#include "options.h"
#include "options.h"

static struct ledger_header head;
static struct module modules[STUB_MODULES];
static char texts[64 * 1024];
static uint32_t modules_used = 1, texts_used = 1;

struct book book = {
    .head = &head, .area = {[AREA_MODULES] = (unsigned char *)modules, [AREA_TEXT] = (unsigned char *)texts}};

uint32_t book_add(enum ledger_area area, uint32_t n)
{
    if (area != AREA_MODULES || modules_used + n > STUB_MODULES)
        return 0;
    modules_used += n;
    return modules_used - n;
}

uint32_t book_text(const char *text, size_t length)
{
    if (texts_used + length + 1 > sizeof texts)
        return 0;
    uint32_t at = texts_used;
    memcpy(texts + at, text, length);
    texts_used += (uint32_t)length + 1;
    return at;
}

const char *stub_text(uint32_t offset)
{
    return texts + offset;
}

uint32_t stub_modules(void)
{
    return modules_used - 1;
}

/* Of options.c, which modules.c asks when the program was started through the loader. */
const char *const *options_argv(void)
{
    static const char *const none[] = {NULL};
    return none;
}
