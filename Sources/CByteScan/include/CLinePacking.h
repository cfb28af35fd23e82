// SPDX-License-Identifier: Apache-2.0
// Lines that differ from another one in some values alone, as what differs.
#ifndef C_LINE_PACKING_H
#define C_LINE_PACKING_H

#include <stdint.h>

/// A line that others are compared with. Behind its bytes there are MARTLET_LINE_MARGIN more.
typedef struct martlet_shape {
    const uint8_t *bytes;
    /// For each byte, and the end: where the first delimiter at it or behind it stands; the end,
    /// where there is none.
    const uint16_t *stops;
    int64_t length;
} martlet_shape;

/// As many bytes may be looked at, or written, behind the end of what is there.
#define MARTLET_LINE_MARGIN 32

/// Fills in `stops`, of `length` + 1 numbers. `length` is at most 65,535.
void martlet_find_stops(const uint8_t *bytes, int64_t length, uint16_t *stops);

/// Writes `line` as what differs from the shape.
///
/// \param readable how many bytes can be read from the beginning of the line on.
/// \param out room for `room` bytes and MARTLET_LINE_MARGIN more.
/// \return the bytes written; -1 where there is no room for all.
int64_t martlet_pack_line(
    const martlet_shape *shape, const uint8_t *line, int64_t length, int64_t readable,
    uint8_t *out, int64_t room);

/// Writes a line that was packed, of `length` bytes.
///
/// \param packed `count` bytes and MARTLET_LINE_MARGIN that can be read.
/// \param out room for `length` bytes and MARTLET_LINE_MARGIN more.
/// \return 0; -1 where `packed` is no such line.
int64_t martlet_unpack_line(
    const martlet_shape *shape, const uint8_t *packed, int64_t count, uint8_t *out,
    int64_t length);

#endif
