/* Losses: what each kind of enum loss is called in JSON and said as in the report. */
#ifndef LEAKWATCH_LEDGER_LOSS_H
#define LEAKWATCH_LEDGER_LOSS_H

#include "layout.h"

/* "learn_busy": the JSON key. NULL for kinds that this version does not know. */
const char *loss_name(enum loss kind);
/* "stacks cut because another thread was learning": follows a count. NULL likewise. */
const char *loss_text(enum loss kind);

#endif
