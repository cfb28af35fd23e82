// SPDX-License-Identifier: Apache-2.0
// Blocks that begin with a line of the cache, so that rows of half a line or a whole one lie in
// one; what the C library gives for large blocks begins 16 bytes behind a page, and each row of 64
// bytes would lie in two. Large blocks are pages of their own, which move without being copied.
// Exercised by RowArrayTests.

#if defined(__linux__)
#define _GNU_SOURCE
#include <sys/mman.h>
#endif

#include "CByteScan.h"

#include <string.h>

enum { LINE_BYTES = 64, PAGED_BYTES = 256 << 10 };

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

#if defined(__linux__)
static int is_paged(int64_t size) { return size >= PAGED_BYTES; }

static void *get_pages(int64_t size) {
    void *block = mmap(
        NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return block == MAP_FAILED ? NULL : block;
}

static void *move_pages(void *block, int64_t held, int64_t size) {
    void *moved = mremap(block, (size_t)held, (size_t)size, MREMAP_MAYMOVE);
    return moved == MAP_FAILED ? NULL : moved;
}

static void give_pages_back(void *block, int64_t size) { munmap(block, (size_t)size); }
#else
static int is_paged(int64_t size) {
    (void)size;
    return 0;
}

static void *get_pages(int64_t size) {
    (void)size;
    return NULL;
}

static void *move_pages(void *block, int64_t held, int64_t size) {
    (void)block, (void)held, (void)size;
    return NULL;
}

static void give_pages_back(void *block, int64_t size) { (void)block, (void)size; }
#endif

static void *get(int64_t size) {
    if (is_paged(size)) return get_pages(size);
    void *block = NULL;
    return posix_memalign(&block, LINE_BYTES, (size_t)size) == 0 ? block : NULL;
}

static void give_back(void *block, int64_t size) {
    if (is_paged(size)) {
        give_pages_back(block, size);
    } else {
        free(block);
    }
}

void *martlet_resize(void *block, int64_t held, int64_t size) {
    if (size == 0) {
        if (held > 0) give_back(block, held);
        return NULL;
    }
    void *resized;
    if (held > 0 && is_paged(held) && is_paged(size)) {
        resized = move_pages(block, held, size);
    } else {
        resized = get(size);
        if (resized != NULL && held > 0) {
            memcpy(resized, block, (size_t)smaller(held, size));
            give_back(block, held);
        }
    }
    if (resized == NULL) abort();
    return resized;
}
