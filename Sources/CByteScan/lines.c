// SPDX-License-Identifier: Apache-2.0
// The shape and the line are walked through side by side. As long as they agree, nothing is
// written. Where they do not, the shape is passed over up to its next delimiter, and the line up to
// the next such byte; what the line has there is written. So a number of other length, or another
// word, is an edit of its own, whatever comes before it. Each edit is
//
//     copied   a byte: so many bytes as the shape has; 255: no edit follows, but another one
//     skipped  4 bits: so many bytes of the shape are passed over; 15: that many and the next byte
//     written  4 bits: so many bytes follow; 15: that many and the next byte
//
// and behind the last edit comes the rest of the shape. Exercised by LineShapesTests.

#include "CLinePacking.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

static int is_delimiter(uint8_t byte) {
    return byte == '"' || byte == ',' || byte == ' ' || byte == '}' || byte == ']' ||
           byte == '/' || byte == '.';
}

void martlet_find_stops(const uint8_t *bytes, int64_t length, uint16_t *stops) {
    uint16_t stop = (uint16_t)length;
    stops[length] = stop;
    for (int64_t i = length - 1; i >= 0; i--) {
        if (is_delimiter(bytes[i])) stop = (uint16_t)i;
        stops[i] = stop;
    }
}

/// How many of the first `count` bytes agree; `margin`: more can be read behind them.
static inline int64_t agreeing(const uint8_t *a, const uint8_t *b, int64_t count, int has_margin) {
    int64_t i = 0;
#if defined(__SSE2__)
    if (has_margin) {
        for (; i < count; i += 16) {
            const int equal = _mm_movemask_epi8(_mm_cmpeq_epi8(
                _mm_loadu_si128((const __m128i *)(a + i)),
                _mm_loadu_si128((const __m128i *)(b + i))));
            if (equal != 0xffff) return smaller(count, i + __builtin_ctz(~(unsigned)equal));
        }
        return count;
    }
#else
    (void)has_margin;
#endif
    while (i < count && a[i] == b[i]) i++;
    return i;
}

/// Where `byte` first stands among `count` bytes; `count`: nowhere.
static inline int64_t place_of(uint8_t byte, const uint8_t *bytes, int64_t count, int has_margin) {
    int64_t i = 0;
#if defined(__SSE2__)
    if (has_margin) {
        const __m128i wanted = _mm_set1_epi8((char)byte);
        for (; i < count; i += 16) {
            const int found = _mm_movemask_epi8(
                _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(bytes + i)), wanted));
            if (found != 0) return smaller(count, i + __builtin_ctz((unsigned)found));
        }
        return count;
    }
#else
    (void)has_margin;
#endif
    while (i < count && bytes[i] != byte) i++;
    return i;
}

/// Copies bytes of which there are few, most often; 16 more may be read and written.
static inline void copy(uint8_t *to, const uint8_t *from, int64_t count) {
    if (count <= 16) {
        uint8_t block[16];
        memcpy(block, from, 16);
        memcpy(to, block, 16);
    } else {
        memcpy(to, from, (size_t)count);
    }
}

int64_t martlet_pack_line(
    const martlet_shape *shape, const uint8_t *line, int64_t length, int64_t readable,
    uint8_t *out, int64_t room) {
    const int has_margin = readable - length >= MARTLET_LINE_MARGIN;
    const int64_t end = shape->length;
    int64_t i = 0, j = 0, copied = 0, used = 0;
    for (;;) {
        const int64_t same =
            agreeing(shape->bytes + i, line + j, smaller(end - i, length - j), has_margin);
        i += same;
        j += same;
        copied += same;
        if (i == end && j == length) return used;
        int64_t stop = shape->stops[i];
        int64_t next = length;
        if (stop < end)
            next = j + place_of(shape->bytes[stop], line + j, length - j, has_margin);
        // What the shape ends with is not there.
        if (next == length) stop = end;
        const int64_t skipped = stop - i, written = next - j;
        if (skipped >= 15 + 256 || written >= 15 + 256) return -1;
        if (used + copied / 255 + 4 + written > room) return -1;
        for (; copied >= 255; copied -= 255) out[used++] = 255;
        out[used++] = (uint8_t)copied;
        out[used++] = (uint8_t)(smaller(skipped, 15) << 4 | smaller(written, 15));
        if (skipped >= 15) out[used++] = (uint8_t)(skipped - 15);
        if (written >= 15) out[used++] = (uint8_t)(written - 15);
        if (has_margin) {
            copy(out + used, line + j, written);
        } else {
            memcpy(out + used, line + j, (size_t)written);
        }
        used += written;
        i = stop;
        j = next;
        copied = 0;
    }
}

int64_t martlet_unpack_line(
    const martlet_shape *shape, const uint8_t *packed, int64_t count, uint8_t *out,
    int64_t length) {
    int64_t i = 0, j = 0, place = 0;
    while (place < count) {
        const int64_t copied = packed[place++];
        if (copied > shape->length - i || copied > length - j) return -1;
        copy(out + j, shape->bytes + i, copied);
        i += copied;
        j += copied;
        if (copied == 255) continue;
        if (count - place < 1) return -1;
        int64_t skipped = packed[place] >> 4, written = packed[place] & 15;
        place++;
        if (skipped == 15 && place < count) skipped += packed[place++];
        if (written == 15 && place < count) written += packed[place++];
        if (skipped > shape->length - i || written > length - j || written > count - place)
            return -1;
        copy(out + j, packed + place, written);
        i += skipped;
        j += written;
        place += written;
    }
    if (shape->length - i != length - j) return -1;
    memcpy(out + j, shape->bytes + i, (size_t)(length - j));
    return 0;
}
