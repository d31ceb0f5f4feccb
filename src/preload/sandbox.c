/* See sandbox.h. Set by the hook in process.c. */
#include "sandbox.h"

bool sandboxed;
