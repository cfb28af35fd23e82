// SPDX-License-Identifier: Apache-2.0
// The members of a JSON object whose keys are foreseen: what stands between two values is compared
// with what stood there the last time, 32 bytes at once, and the ends of the values are found 16 or
// 32 bytes at a time. Whatever is not foreseen, or not plain, is left to the caller, who may go on
// behind it.
#ifndef C_MEMBER_SCAN_H
#define C_MEMBER_SCAN_H

#include <stdbool.h>
#include <stdint.h>

/// What a lead can be at most.
#define MARTLET_LEAD_BYTES 32
/// As many bytes before the end of a text nothing is scanned any more: a lead may be compared where
/// a value ends, and 32 bytes are there behind that lead.
#define MARTLET_SCAN_MARGIN 64

/// What a lead is followed by.
enum {
    /// Nothing: it stands for none.
    MARTLET_NO_LEAD = 0,
    /// The inside of a text.
    MARTLET_BEFORE_TEXT,
    /// Any value.
    MARTLET_BEFORE_VALUE,
    /// An object that the caller goes into.
    MARTLET_BEFORE_PARENT,
    /// The next line.
    MARTLET_END_OF_LINE,
};

/// What a value is: the numbers of `JSONKind`.
enum {
    MARTLET_TEXT = 0,
    MARTLET_INTEGER = 2,
    MARTLET_FRACTION = 3,
    MARTLET_YES = 4,
    MARTLET_NO = 5,
    MARTLET_NULL = 6,
};

/// All from the end of a value to the beginning of the next one: `,"user":"`.
typedef struct martlet_lead {
    uint8_t bytes[MARTLET_LEAD_BYTES];
    /// A bit for each of the bytes that does not count, the first the least significant.
    uint32_t careless;
    int32_t length;
    /// What it is followed by.
    int32_t form;
    /// Where the value is noted; negative: nowhere.
    int32_t spot;
    /// The leads that followed it last and before that; 0 where none did.
    int32_t next;
    int32_t other_next;
    /// The caller's.
    int32_t edge;
    int32_t unused;
} martlet_lead;

/// Where a value was seen, in which line, and what it is.
typedef struct martlet_spot {
    uint32_t from;
    uint32_t to;
    /// The number of the line, and in the lowest byte the kind of the value.
    uint64_t stamp;
} martlet_spot;

/// Why the scan of a line ended.
enum martlet_stop {
    /// The line ends at `place`, where its newline is.
    MARTLET_STOPPED_AT_END,
    /// What stands at `place`, behind the value of `lead`, is not foreseen.
    MARTLET_STOPPED_BEHIND_VALUE,
    /// At `place` a value begins, that of `lead`, which the caller has to read.
    MARTLET_STOPPED_AT_VALUE,
    /// At `place` something in the text that begins at `start` is not plain.
    MARTLET_STOPPED_IN_TEXT,
    /// The text comes too near to its end.
    MARTLET_STOPPED_AT_LIMIT,
};

typedef struct martlet_scan {
    int64_t place;
    int64_t start;
    int32_t lead;
    /// Whether to begin in front of the value of `lead`, and not behind it.
    bool is_at_value;
} martlet_scan;

/// Goes on through the members of an object whose wanted values are noted, up to whatever stops it.
///
/// `count` bytes of text, at most 2^32 - 1 of them; `scan->place` is at least
/// `MARTLET_SCAN_MARGIN` before their end, half of that where `scan->is_at_value`. The numbers in
/// `leads` are those of leads and of `spots`.
enum martlet_stop martlet_scan_members(
    const uint8_t *text, int64_t count, martlet_lead *leads, martlet_spot *spots,
    uint64_t generation, martlet_scan *scan);

/// The same with no more than every processor of the kind has, for tests.
enum martlet_stop martlet_scan_members_narrowly(
    const uint8_t *text, int64_t count, martlet_lead *leads, martlet_spot *spots,
    uint64_t generation, martlet_scan *scan);

#endif
