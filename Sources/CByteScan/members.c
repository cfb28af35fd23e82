// SPDX-License-Identifier: Apache-2.0
// Exercised by PredictedLineTests and by the fuzzer of JSON lines.

#include "CMemberScan.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Three questions about bytes. Texts end with MARTLET_SCAN_MARGIN bytes behind `limit`.
//
// fits: whether a lead stands at `bytes`, of which there are 32.
// text_end: the first place from `i` on that is not plain inside a string (a quote, a backslash, a
// control character, no ASCII), or one at or behind `limit`.
// digits_end: the first place from `i` on where no digit stands, or one at or behind `limit`.

#if defined(__x86_64__)

static inline bool fits_16(const martlet_lead *lead, const uint8_t *bytes) {
    const __m128i first = _mm_cmpeq_epi8(
        _mm_loadu_si128((const __m128i *)bytes), _mm_loadu_si128((const __m128i *)lead->bytes));
    const __m128i second = _mm_cmpeq_epi8(
        _mm_loadu_si128((const __m128i *)(bytes + 16)),
        _mm_loadu_si128((const __m128i *)(lead->bytes + 16)));
    const uint32_t same =
        (uint32_t)_mm_movemask_epi8(first) | (uint32_t)_mm_movemask_epi8(second) << 16;
    return (same | lead->careless) == 0xffffffffu;
}

static inline int64_t text_end_16(const uint8_t *text, int64_t i, int64_t limit) {
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i blank = _mm_set1_epi8(0x20);
    for (;;) {
        const __m128i block = _mm_loadu_si128((const __m128i *)(text + i));
        // As signed bytes, all that is not ASCII is below the blank as control characters are.
        const __m128i odd = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)),
            _mm_cmplt_epi8(block, blank));
        const unsigned mask = (unsigned)_mm_movemask_epi8(odd);
        if (mask != 0) return i + __builtin_ctz(mask);
        i += 16;
        if (i >= limit) return i;
    }
}

static inline int64_t digits_end_16(const uint8_t *text, int64_t i, int64_t limit) {
    const __m128i shift = _mm_set1_epi8((char)(0x80 - '0'));
    const __m128i last = _mm_set1_epi8((char)(0x80 + 9));
    for (;;) {
        const __m128i block = _mm_loadu_si128((const __m128i *)(text + i));
        // Moved so that the digits are the ten smallest signed bytes.
        const unsigned mask =
            (unsigned)_mm_movemask_epi8(_mm_cmpgt_epi8(_mm_add_epi8(block, shift), last));
        if (mask != 0) return i + __builtin_ctz(mask);
        i += 16;
        if (i >= limit) return i;
    }
}

#define WIDE __attribute__((target("avx2,bmi")))

WIDE static inline bool fits_32(const martlet_lead *lead, const uint8_t *bytes) {
    const __m256i same = _mm256_cmpeq_epi8(
        _mm256_loadu_si256((const __m256i *)bytes),
        _mm256_loadu_si256((const __m256i *)lead->bytes));
    return ((uint32_t)_mm256_movemask_epi8(same) | lead->careless) == 0xffffffffu;
}

WIDE static inline int64_t text_end_32(const uint8_t *text, int64_t i, int64_t limit) {
    const __m256i quote = _mm256_set1_epi8('"');
    const __m256i backslash = _mm256_set1_epi8('\\');
    const __m256i blank = _mm256_set1_epi8(0x20);
    for (;;) {
        const __m256i block = _mm256_loadu_si256((const __m256i *)(text + i));
        const __m256i odd = _mm256_or_si256(
            _mm256_or_si256(
                _mm256_cmpeq_epi8(block, quote), _mm256_cmpeq_epi8(block, backslash)),
            _mm256_cmpgt_epi8(blank, block));
        const unsigned mask = (unsigned)_mm256_movemask_epi8(odd);
        if (mask != 0) return i + __builtin_ctz(mask);
        i += 32;
        if (i >= limit) return i;
    }
}

#define SCAN_TARGET
#define SCAN_MEMBERS scan_members_16
#define FITS fits_16
#define TEXT_END text_end_16
#define DIGITS_END digits_end_16
#include "member_loop.h"
#undef SCAN_TARGET
#undef SCAN_MEMBERS
#undef FITS
#undef TEXT_END

#define SCAN_TARGET WIDE
#define SCAN_MEMBERS scan_members_32
#define FITS fits_32
#define TEXT_END text_end_32
#include "member_loop.h"

enum martlet_stop martlet_scan_members_narrowly(
    const uint8_t *text, int64_t count, martlet_lead *leads, martlet_spot *spots,
    uint64_t generation, martlet_scan *scan) {
    return scan_members_16(text, count, leads, spots, generation, scan);
}

enum martlet_stop martlet_scan_members(
    const uint8_t *text, int64_t count, martlet_lead *leads, martlet_spot *spots,
    uint64_t generation, martlet_scan *scan) {
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi"))
        return scan_members_32(text, count, leads, spots, generation, scan);
    return scan_members_16(text, count, leads, spots, generation, scan);
}

#else

static inline bool fits_1(const martlet_lead *lead, const uint8_t *bytes) {
    return __builtin_memcmp(bytes, lead->bytes, (unsigned long)lead->length) == 0;
}

static inline int64_t text_end_1(const uint8_t *text, int64_t i, int64_t limit) {
    for (; i < limit; i++) {
        const uint8_t byte = text[i];
        if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\') break;
    }
    return i;
}

static inline int64_t digits_end_1(const uint8_t *text, int64_t i, int64_t limit) {
    while (i < limit && (uint8_t)(text[i] - '0') < 10) i++;
    return i;
}

#define SCAN_TARGET
#define SCAN_MEMBERS scan_members_1
#define FITS fits_1
#define TEXT_END text_end_1
#define DIGITS_END digits_end_1
#include "member_loop.h"

enum martlet_stop martlet_scan_members_narrowly(
    const uint8_t *text, int64_t count, martlet_lead *leads, martlet_spot *spots,
    uint64_t generation, martlet_scan *scan) {
    return scan_members_1(text, count, leads, spots, generation, scan);
}

enum martlet_stop martlet_scan_members(
    const uint8_t *text, int64_t count, martlet_lead *leads, martlet_spot *spots,
    uint64_t generation, martlet_scan *scan) {
    return scan_members_1(text, count, leads, spots, generation, scan);
}

#endif
