// The one door to libhiredis. Debian 12 ships 0.14.1: RESP2 only, no TLS; SwiftNIO brings what it lacks.
#ifndef WINGMAN_CHIREDIS_SHIM_H
#define WINGMAN_CHIREDIS_SHIM_H

#include <hiredis/hiredis.h>
#include <stddef.h>

// The length that the reader announces to createArray: hiredis 1.0 widened it from int to size_t.
#if HIREDIS_MAJOR >= 1
typedef size_t wingman_array_length;
#else
typedef int wingman_array_length;
#endif

#endif
