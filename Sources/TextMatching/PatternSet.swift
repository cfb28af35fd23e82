// SPDX-License-Identifier: Apache-2.0
// Many regexes in one pass over a text, by Vectorscan (https://github.com/VectorCamp/vectorscan),
// where the package is built with the trait of that name. It only says which of them may match:
// PCRE2 is asked about those, so that nothing depends on the trait but the time. Exercised by
// PatternSetTests.

#if Vectorscan
    import CByteScan
    import CVectorscan
#endif

/// Regexes to be found in texts, all at once.
///
/// - Shape: a search is one pass over the text, whatever the number of regexes.
@safe
package struct PatternSet: ~Copyable {
    /// Those of the last text that may match, by number.
    package private(set) var found: [Int32] = []
    /// Those that could not be taken in: they may always match.
    private var others: [Int32] = []
    private let count: Int32

    #if Vectorscan
        // SAFETY: both are made in `init`, used by this value alone, and freed with it.
        private var database: OpaquePointer?
        private var scratch: OpaquePointer?
        private var hits: [UInt32] = []
    #endif

    /// Whether a regex is better looked for in a set than by itself.
    package static func takes(pattern: String, flags: String) -> Bool {
        #if Vectorscan
            PlainPattern.isPlain(pattern, flags: flags)
        #else
            false
        #endif
    }

    /// - Parameter patterns: such as `takes` says yes to.
    package init(_ patterns: [(pattern: String, flags: String)]) {
        count = Int32(patterns.count)
        #if Vectorscan
            hits = Array(repeating: 0, count: patterns.count)
            var kept = patterns.indices.map { Int32($0) }
            while !kept.isEmpty {
                let refused = compile(patterns, kept)
                if refused == -1 { break }
                if kept.indices.contains(refused) {
                    others.append(kept.remove(at: refused))
                } else {
                    others += kept
                    kept = []
                }
            }
            // SAFETY: the database is whole; the scratch space is made for it.
            if unsafe database != nil, unsafe hs_alloc_scratch(database, &scratch) != HS_SUCCESS {
                others = Array(0..<count)
            }
        #else
            others = Array(0..<count)
        #endif
    }

    #if Vectorscan
        deinit {
            // SAFETY: nobody else has them; freeing nil does nothing.
            unsafe hs_free_scratch(scratch)
            unsafe hs_free_database(database)
        }

        /// Makes the database of the patterns with these numbers: -1; else the place of one that is
        /// refused, or no place.
        private mutating func compile(
            _ patterns: [(pattern: String, flags: String)], _ kept: [Int32]
        ) -> Int {
            var text: [CChar] = []
            var starts: [UInt32] = []
            for number in kept {
                starts.append(UInt32(text.count))
                text += patterns[Int(number)].pattern.utf8.map { CChar(bitPattern: $0) }
                text.append(0)
            }
            let flags = kept.map { PatternSet.flags(patterns[Int($0)].flags) }
            let numbers = kept.map { UInt32($0) }
            // SAFETY: the lists are as long as the count says; each start is that of a text with a
            // zero at its end. A database that is made is this value's to free.
            return unsafe Int(
                martlet_compile_patterns(
                    text, starts, flags, numbers, UInt32(kept.count), &database))
        }

        private static func flags(_ letters: String) -> UInt32 {
            var flags = HS_FLAG_PREFILTER | HS_FLAG_SINGLEMATCH
            for letter in letters.utf8 {
                switch letter {
                case UInt8(ascii: "i"): flags |= HS_FLAG_CASELESS
                case UInt8(ascii: "m"): flags |= HS_FLAG_MULTILINE
                case UInt8(ascii: "s"): flags |= HS_FLAG_DOTALL
                default: break
                }
            }
            return UInt32(flags)
        }
    #endif

    /// Finds those that may match in a text.
    package mutating func find(in text: Span<UInt8>) {
        found.removeAll(keepingCapacity: true)
        found += others
        #if Vectorscan
            // SAFETY: it is only seen whether there is one.
            guard unsafe database != nil, others.count < count else { return }
            // Of other texts PCRE2 reads characters, Vectorscan bytes; in an empty one the latter
            // finds nothing.
            guard text.count > 0, text.count <= Int32.max else { return addAll() }
            // SAFETY: both buffers live for the call and are as long as is said; database and
            // scratch are this value's, which is used by one at a time.
            let number = unsafe text.withUnsafeBufferPointer { bytes -> Int64 in
                guard let start = bytes.baseAddress,
                    unsafe martlet_ascii_count(start, Int64(bytes.count)) == bytes.count
                else { return -1 }
                return unsafe hits.withUnsafeMutableBufferPointer { hits in
                    unsafe martlet_find_patterns(
                        database, scratch, start, UInt32(bytes.count), hits.baseAddress,
                        UInt32(hits.count))
                }
            }
            guard number >= 0 else { return addAll() }
            for hit in hits[..<Int(number)] { found.append(Int32(hit)) }
        #endif
    }

    private mutating func addAll() {
        found.removeAll(keepingCapacity: true)
        for number in 0..<count { found.append(number) }
    }
}
