// SPDX-License-Identifier: Apache-2.0
#ifndef C_ALLOCATION_COUNTER_H
#define C_ALLOCATION_COUNTER_H

#include <stdint.h>

/// Allocations that this process has asked for so far: malloc, calloc, realloc and the aligned
/// ones. Whatever is linked with this target has its allocations counted.
int64_t martlet_allocation_count(void);

#endif
