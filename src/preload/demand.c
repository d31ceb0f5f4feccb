/* See demand.h. */
#include "demand.h"

#include <stddef.h>

#include "book.h"
#include "options.h"
#include "reporter.h"
#include "shelf.h"

volatile sig_atomic_t demand_made;

static void note(int number)
{
    (void)number;
    demand_made = 1; /* all that is safe here */
}

bool demand_listen(void)
{
    struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
    return !options.signal || sigaction(options.signal, &action, NULL) == 0;
}

static void report(void *unused)
{
    (void)unused;
    if (book.head->is_file)
        reporter_ask(shelf_path());
    else
        reporter_plain();
}

void demand_answer(struct thread *t)
{
    demand_made = 0;
    thread_on_scratch(t, report, NULL);
}
