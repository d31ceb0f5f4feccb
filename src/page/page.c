/* See page.h. The assembler takes the file in as it is: as a C array it would take the compiler seconds. */
#include "page.h"

__asm__(".pushsection .rodata\n"
        ".globl leakwatch_page, leakwatch_page_end\n"
        ".hidden leakwatch_page, leakwatch_page_end\n"
        "leakwatch_page:\n"
        ".incbin \"" LEAKWATCH_PAGE "\"\n"
        "leakwatch_page_end:\n"
        ".popsection\n");

extern const char leakwatch_page[], leakwatch_page_end[];

struct page page_template(void)
{
    return (struct page){leakwatch_page, (size_t)(leakwatch_page_end - leakwatch_page)};
}
