// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>
#include <stdlib.h>
#include <hs.h>

/// Makes a database of patterns that stand one behind the other in `text`, each with a zero at its
/// end. Gives -1, the place of a pattern that is refused, or -2 for other failures; then there is
/// no database.
static inline int64_t martlet_compile_patterns(
    const char *text, const uint32_t *starts, const uint32_t *flags, const uint32_t *numbers,
    uint32_t count, hs_database_t **database) {
    const char **patterns = (const char **)malloc(count * sizeof(const char *));
    if (!patterns) return -2;
    for (uint32_t i = 0; i < count; i++) patterns[i] = text + starts[i];
    hs_compile_error_t *error = NULL;
    *database = NULL;
    hs_error_t result = hs_compile_multi(
        patterns, flags, numbers, count, HS_MODE_BLOCK, NULL, database, &error);
    int64_t refused = result == HS_SUCCESS ? -1 : -2;
    if (result == HS_COMPILER_ERROR && error && error->expression >= 0)
        refused = error->expression;
    if (error) hs_free_compile_error(error);
    free((void *)patterns);
    return refused;
}

/// Where the numbers of the patterns found in a text go.
typedef struct {
    uint32_t *numbers;
    uint32_t count;
    uint32_t capacity;
} martlet_hits;

static inline int martlet_note_hit(
    unsigned int number, unsigned long long from, unsigned long long to, unsigned int flags,
    void *context) {
    martlet_hits *hits = (martlet_hits *)context;
    (void)from;
    (void)to;
    (void)flags;
    if (hits->count == hits->capacity) return 1;
    hits->numbers[hits->count++] = number;
    return 0;
}

/// Finds the patterns in `length` bytes; negative where the search failed.
static inline int64_t martlet_find_patterns(
    const hs_database_t *database, hs_scratch_t *scratch, const uint8_t *text, uint32_t length,
    uint32_t *numbers, uint32_t capacity) {
    martlet_hits hits = {numbers, 0, capacity};
    hs_error_t result =
        hs_scan(database, (const char *)text, length, 0, scratch, martlet_note_hit, &hits);
    return result == HS_SUCCESS ? (int64_t)hits.count : -1;
}
