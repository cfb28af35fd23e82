// SPDX-License-Identifier: Apache-2.0
// Regular expressions, compiled by PCRE2. Source: pcre2api(3), pcre2jit(3). Every text is safe as
// a subject: bytes that are not UTF-8 match nothing but are stepped over. Exercised by RegexTests.

import CPCRE2
import Synchronization

/// A compiled regular expression: immutable, shared by all that search with it.
///
/// Case is ignored by Unicode's rules; `\d`, `\w` and `\s` mean their ASCII sets, as in Perl
/// without `/u` and as authors of log patterns mean them.
@safe
package final class Regex: @unchecked Sendable {
    // SAFETY (`@unchecked Sendable`): `code` is written once in `init` and PCRE2 only reads it.
    // All else is immutable, or behind the mutex.
    private let code: OpaquePointer
    let isCompiledToMachineCode: Bool
    package let pattern: String
    package let flags: String
    /// A text that every match has in it; empty where none is known.
    package let requiredLiteral: [UInt8]
    /// The number of capture groups; group 0, the whole match, is not counted.
    package let captureCount: Int
    /// The named groups, in the order of their numbers.
    package let captures: [(name: String, index: Int)]
    private let spare = Mutex<RegexMatcher?>(nil)

    /// - Throws: `RegexError` for a pattern that PCRE2 refuses, or a flag other than `i` (ignore
    ///   case), `m` (`^` and `$` also at line ends), `s` (`.` is also a line end), `x` (blanks and
    ///   `#` comments in the pattern are skipped).
    package init(pattern: String, flags: String = "") throws(RegexError) {
        let options = try Regex.options(flags)
        unsafe code = try Regex.compile(Array(pattern.utf8), options)
        // SAFETY: `code` is what pcre2_compile returned. A pattern that the JIT cannot take runs
        // in PCRE2's interpreter, under the same limits.
        isCompiledToMachineCode = unsafe pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE) == 0
        self.pattern = pattern
        self.flags = flags
        requiredLiteral = RequiredLiteral.find(in: pattern, flags: flags)
        var count: UInt32 = 0
        // SAFETY: PCRE2_INFO_CAPTURECOUNT writes one UInt32.
        _ = unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_CAPTURECOUNT), &count)
        captureCount = Int(count)
        captures = unsafe Regex.readCaptures(code)
    }

    deinit {
        // SAFETY: matchers hold a reference to this object, so none is left that uses `code`.
        unsafe pcre2_code_free_8(code)
    }

    package var captureNames: [String] { captures.map(\.name) }

    package func captureIndex(named name: String) -> Int? {
        captures.first { $0.name == name }?.index
    }

    /// Runs `body` with the compiled code, which lives while this object does.
    @unsafe
    func withCode<R>(_ body: (OpaquePointer) -> R) -> R { unsafe body(code) }
}

extension Regex {
    /// Searches with a matcher kept for all callers, one at a time. A busy thread owns a
    /// `RegexMatcher` instead.
    package func search(_ text: Span<UInt8>) -> RegexResult {
        spare.withLock { slot in
            let matcher = slot ?? RegexMatcher(unretained: self)
            slot = matcher
            return matcher.search(text)
        }
    }

    /// A text that every match of a pattern has in it, and whether in any case; nil where none is
    /// known. The pattern need not be compiled.
    package static func requiredText(
        pattern: String, flags: String
    ) -> (bytes: [UInt8], ignoresCase: Bool)? {
        RequiredLiteral.find(in: pattern, flags: flags, leastByteCount: 2)
    }

    /// Whether the expression is found anywhere in `text`; a limit reached is no match.
    package func matches(_ text: Span<UInt8>) -> Bool { search(text) == .match }

    package func matches(_ text: [UInt8]) -> Bool { matches(text.span) }

    package func matches(_ text: String) -> Bool { matches(text.utf8.span) }

    /// The text of each group of the first match, group 0 first; nil for a group that is unset.
    package func firstMatch(in text: String) -> [String?]? {
        let bytes = Array(text.utf8)
        return spare.withLock { slot in
            let matcher = slot ?? RegexMatcher(unretained: self)
            slot = matcher
            guard matcher.search(bytes.span) == .match else { return nil }
            return (0...captureCount).map { index in
                matcher.captureRange(index).map { String(decoding: bytes[$0], as: UTF8.self) }
            }
        }
    }
}

extension Regex {
    private static func options(_ flags: String) throws(RegexError) -> UInt32 {
        // Invalid UTF-8 in a subject must be safe, and one byte of UTF-8 must never match alone.
        var options = UInt32(PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C)
        for flag in flags.unicodeScalars {
            switch flag {
            case "i": options |= UInt32(PCRE2_CASELESS)
            case "m": options |= UInt32(PCRE2_MULTILINE)
            case "s": options |= UInt32(PCRE2_DOTALL)
            case "x": options |= UInt32(PCRE2_EXTENDED)
            default:
                throw RegexError(
                    offset: nil, message: "no regex flag `\(flag)`; the flags are i, m, s and x")
            }
        }
        return options
    }

    @unsafe
    private static func compile(
        _ pattern: [UInt8], _ options: UInt32
    ) throws(RegexError) -> OpaquePointer {
        var failure: Int32 = 0
        var offset = 0
        // SAFETY: the context is freed below; PCRE2 copies what it needs of the pattern, and is
        // given its length. An empty array gives a pointer that is not read.
        let context = unsafe pcre2_compile_context_create_8(nil)
        unsafe pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_LF))
        let code = unsafe pattern.withUnsafeBufferPointer { bytes in
            let start = unsafe bytes.baseAddress ?? emptyText
            return unsafe pcre2_compile_8(
                start, bytes.count, options, &failure, &offset, context)
        }
        unsafe pcre2_compile_context_free_8(context)
        guard let code = unsafe code else {
            throw RegexError(
                offset: min(max(0, offset), pattern.count), message: message(failure))
        }
        // SAFETY: it is the caller's from here on.
        return unsafe code
    }

    private static func message(_ failure: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        // SAFETY: PCRE2 is given the buffer's length and ends the text with a zero inside it.
        let length = unsafe buffer.withUnsafeMutableBufferPointer { bytes in
            unsafe pcre2_get_error_message_8(failure, bytes.baseAddress, bytes.count)
        }
        return String(decoding: buffer.prefix(Int(max(0, length))), as: UTF8.self)
    }

    @unsafe
    private static func readCaptures(_ code: OpaquePointer) -> [(name: String, index: Int)] {
        var count: UInt32 = 0
        var entryLength: UInt32 = 0
        var table: UnsafePointer<UInt8>?
        // SAFETY: the first two write one UInt32 each, the third a pointer into `code`.
        _ = unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMECOUNT), &count)
        _ = unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMEENTRYSIZE), &entryLength)
        _ = unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMETABLE), &table)
        guard let table = unsafe table else { return [] }
        // SAFETY: the table holds `count` entries of `entryLength` bytes: the group's number in
        // two bytes, then its name and a zero.
        let bytes = unsafe Array(
            UnsafeBufferPointer(start: table, count: Int(count) * Int(entryLength)))
        let entries = (0..<Int(count)).map { entry in
            let part = bytes[entry * Int(entryLength)..<(entry + 1) * Int(entryLength)]
            let index = Int(part[part.startIndex]) << 8 | Int(part[part.startIndex + 1])
            let name = part.dropFirst(2).prefix { $0 != 0 }
            return (name: String(decoding: name, as: UTF8.self), index: index)
        }
        return entries.sorted { $0.index < $1.index }
    }
}

/// One byte that stands for the start of an empty text: PCRE2 wants a pointer that is not null.
// SAFETY: written by no one and freed by no one.
nonisolated(unsafe) let emptyText: UnsafePointer<UInt8> = {
    let byte = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
    unsafe byte.initialize(to: 0)
    return unsafe UnsafePointer(byte)
}()
