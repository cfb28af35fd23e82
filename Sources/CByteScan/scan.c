// SPDX-License-Identifier: Apache-2.0
// All of that is in the header, so that Swift inlines it.
#include "CByteScan.h"
