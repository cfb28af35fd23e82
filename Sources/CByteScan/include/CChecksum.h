// SPDX-License-Identifier: Apache-2.0
// CRC-32C (Castagnoli), the checksum of iSCSI (RFC 3720, appendix B.4) and of ext4.
#ifndef C_CHECKSUM_H
#define C_CHECKSUM_H

#include <stdint.h>

/// The checksum of what `checksum` is that of (0: nothing) with `count` more bytes behind it.
uint32_t martlet_crc32c(uint32_t checksum, const uint8_t *bytes, int64_t count);

/// The same without what not every processor has, for tests.
uint32_t martlet_crc32c_plain(uint32_t checksum, const uint8_t *bytes, int64_t count);

#endif
