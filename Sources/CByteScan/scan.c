// SPDX-License-Identifier: Apache-2.0
// Everything is in the header, so that Swift inlines it; a target needs a file to compile.
#include "CByteScan.h"
