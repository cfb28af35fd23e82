// SPDX-License-Identifier: Apache-2.0
#include "CChecksum.h"

#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

/// The polynomial 0x1EDC6F41, its bits in reverse.
#define POLYNOMIAL 0x82f63b78u

static uint32_t step(uint32_t state, uint8_t byte) {
    state ^= byte;
    for (int bit = 0; bit < 8; bit++) state = (state >> 1) ^ (POLYNOMIAL & -(state & 1u));
    return state;
}

uint32_t martlet_crc32c_plain(uint32_t checksum, const uint8_t *bytes, int64_t count) {
    // A table on the stack costs less than a lock around one that all threads share, for anything
    // as long as an entry of a journal.
    uint32_t table[256];
    for (uint32_t value = 0; value < 256; value++) table[value] = step(0, (uint8_t)value);
    uint32_t state = ~checksum;
    for (int64_t i = 0; i < count; i++)
        state = (state >> 8) ^ table[(state ^ bytes[i]) & 0xff];
    return ~state;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t with_instruction(
    uint32_t checksum, const uint8_t *bytes, int64_t count) {
    uint64_t state = (uint32_t)~checksum;
    int64_t i = 0;
    for (; count - i >= 8; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, sizeof word);
        state = _mm_crc32_u64(state, word);
    }
    for (; i < count; i++) state = _mm_crc32_u8((uint32_t)state, bytes[i]);
    return ~(uint32_t)state;
}
#endif

uint32_t martlet_crc32c(uint32_t checksum, const uint8_t *bytes, int64_t count) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return with_instruction(checksum, bytes, count);
#endif
    return martlet_crc32c_plain(checksum, bytes, count);
}
