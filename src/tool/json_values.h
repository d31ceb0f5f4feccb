/* JSON values: what figures of ours become, so that whatever a forged ledger holds is still JSON. Each
 * returns a new reference, or NULL without memory (jansson takes that for a value that cannot be packed). */
#ifndef LEAKWATCH_TOOL_JSON_VALUES_H
#define LEAKWATCH_TOOL_JSON_VALUES_H

#include <jansson.h>
#include <stdint.h>

#include "history.h"

/* JSON text is UTF-8, and the target's strings are what they are. null for NULL. */
json_t *value_text(const char *string);
json_t *value_text_or_null(const char *string); /* null also for "" */

/* JSON's integers end at 2^63 - 1 here: what is beyond (forged, or a race's -1) is said as that. */
json_t *value_count(uint64_t n);
json_t *value_count_or_null(uint64_t n); /* null for 0 */
json_t *value_bytes(double n);           /* a figure that is kept as a double, but is bytes; null below 0 */
json_t *value_change(double bytes);      /* of one that goes up and down */

/* JSON knows no infinity: null. */
json_t *value_real(double n);
json_t *value_ms(uint64_t ms);                 /* in seconds */
json_t *value_seconds_or_null(double seconds); /* null below 0 */

/* Windows with the second that each ends at, since the start of the process; the last one is still open. */
json_t *value_history(const struct history *h);

#endif
