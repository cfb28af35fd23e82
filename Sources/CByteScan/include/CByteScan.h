// SPDX-License-Identifier: Apache-2.0
#ifndef C_BYTE_SCAN_H
#define C_BYTE_SCAN_H

#include <stdint.h>
#include <stdlib.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "CChecksum.h"
#include "CLinePacking.h"
#include "CMemberScan.h"

/// The number of bytes from `bytes` on that are plain in a JSON string: ASCII and neither a control
/// character, nor a quote, nor a backslash. At most `count`; nothing behind that is looked at.
static inline int64_t martlet_plain_count(const uint8_t *bytes, int64_t count) {
    int64_t i = 0;
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i blank = _mm_set1_epi8(0x20);
    for (; count - i >= 16; i += 16) {
        const __m128i block = _mm_loadu_si128((const __m128i *)(bytes + i));
        // As signed bytes, all that is not ASCII is below the blank as control characters are.
        const __m128i odd = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)),
            _mm_cmplt_epi8(block, blank));
        const int mask = _mm_movemask_epi8(odd);
        if (mask != 0) return i + __builtin_ctz((unsigned)mask);
    }
#endif
    for (; i < count; i++) {
        const uint8_t byte = bytes[i];
        if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\') break;
    }
    return i;
}

/// The number of bytes from `bytes` on that are ASCII. At most `count`; nothing behind that is looked
/// at.
static inline int64_t martlet_ascii_count(const uint8_t *bytes, int64_t count) {
    int64_t i = 0;
#if defined(__SSE2__)
    for (; count - i >= 16; i += 16) {
        const int mask = _mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(bytes + i)));
        if (mask != 0) return i + __builtin_ctz((unsigned)mask);
    }
#endif
    while (i < count && bytes[i] < 0x80) i++;
    return i;
}

/// The number of bytes from `bytes` on that are neither `a` nor `b`. At most `count`; nothing behind
/// that is looked at.
static inline int64_t martlet_count_until(
    const uint8_t *bytes, int64_t count, uint8_t a, uint8_t b) {
    int64_t i = 0;
#if defined(__SSE2__)
    const __m128i first = _mm_set1_epi8((char)a);
    const __m128i second = _mm_set1_epi8((char)b);
    for (; count - i >= 16; i += 16) {
        const __m128i block = _mm_loadu_si128((const __m128i *)(bytes + i));
        const int mask = _mm_movemask_epi8(
            _mm_or_si128(_mm_cmpeq_epi8(block, first), _mm_cmpeq_epi8(block, second)));
        if (mask != 0) return i + __builtin_ctz((unsigned)mask);
    }
#endif
    while (i < count && bytes[i] != a && bytes[i] != b) i++;
    return i;
}

/// Where `count` bytes first have the `length` bytes of `wanted`; -1: nowhere.
static inline int64_t martlet_find(
    const uint8_t *bytes, int64_t count, const uint8_t *wanted, int64_t length) {
    if (length <= 0) return 0;
    const int64_t starts = count - length + 1;
    int64_t i = 0;
#if defined(__SSE2__)
    // Only where both the first and the last byte fit are the bytes between looked at.
    const __m128i first = _mm_set1_epi8((char)wanted[0]);
    const __m128i last = _mm_set1_epi8((char)wanted[length - 1]);
    for (; starts - i >= 16; i += 16) {
        const __m128i heads = _mm_loadu_si128((const __m128i *)(bytes + i));
        const __m128i tails = _mm_loadu_si128((const __m128i *)(bytes + i + length - 1));
        unsigned mask = (unsigned)_mm_movemask_epi8(
            _mm_and_si128(_mm_cmpeq_epi8(heads, first), _mm_cmpeq_epi8(tails, last)));
        while (mask != 0) {
            const int64_t at = i + __builtin_ctz(mask);
            if (__builtin_memcmp(bytes + at, wanted, (unsigned long)length) == 0) return at;
            mask &= mask - 1;
        }
    }
#endif
    for (; i < starts; i++) {
        if (bytes[i] == wanted[0] &&
            __builtin_memcmp(bytes + i, wanted, (unsigned long)length) == 0)
            return i;
    }
    return -1;
}

/// A block of `size` bytes with what `block`, of `held` bytes, holds as far as it fits; of no bytes:
/// none. It begins with a line of the cache. Where there is no memory, the program ends.
void *martlet_resize(void *block, int64_t held, int64_t size);

/// Has the C library keep freed blocks below a megabyte instead of giving their pages back at once,
/// which costs as much as reading the data that comes into the next one.
static inline void martlet_keep_freed_blocks(void) {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
#endif
}

/// Asks for the cache line of an address, which nobody reads yet and need not be valid.
static inline void martlet_prefetch(const void *address) { __builtin_prefetch(address); }

#endif
