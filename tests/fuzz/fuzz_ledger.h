/* An input of fuzz_ledger: patches to a valid ledger.
 *
 *     first byte       bit 0       to an empty ledger, not to a small complete one
 *                      bits 1-3    which area is the last one of the file, counted from 1; 0: as recorded
 *                      bit 4       with the JSON report and exports
 *     then records     area (7: the header, 8: the file's size)
 *                      item, 2 bytes; offset in the item, 2 bytes; length, 1 byte; as many bytes
 *
 * (little-endian; 8 is followed by 4 bytes only).
 */
#ifndef LEAKWATCH_TESTS_FUZZ_LEDGER_H
#define LEAKWATCH_TESTS_FUZZ_LEDGER_H

#include "layout.h"

enum { BASE_EMPTY = 1, BASE_LAST = 2, WITH_JSON = 16 };
enum { AREA_HEADER = AREAS, FILE_SIZE, PLACES };
enum { RECORD_HEAD = 6, RECORD_SIZE = 5 }; /* bytes before a patch's own, and of the file's size */

#endif
