// The one door to libhiredis. Debian 12 ships 0.14.1: RESP2 only, no TLS; SwiftNIO brings what it lacks.
#ifndef WINGMAN_CHIREDIS_SHIM_H
#define WINGMAN_CHIREDIS_SHIM_H

#include <hiredis/hiredis.h>

#endif
