// SPDX-License-Identifier: Apache-2.0

import CByteScan
import CPCRE2

/// Searches with one `Regex`, owning the scratch memory for it: one a thread, no allocation a call.
@safe
package final class RegexMatcher {
    /// Keeps `code` alive. Nil for the matcher that the expression keeps itself (a reference would
    /// be a cycle).
    private let regex: Regex?
    private let code: OpaquePointer
    private let isCompiledToMachineCode: Bool
    /// A text without it has no match, so that the expression need not be asked.
    private let requiredLiteral: [UInt8]
    /// What `context` holds as its limits.
    private var limit: UInt32 = 0
    private let matchData: OpaquePointer
    private let context: OpaquePointer
    private let stack: OpaquePointer?
    /// The matched text's groups are valid.
    private var hasMatch = false
    private let captureCount: Int

    /// - Parameter usesRequiredLiteral: whether a text without the literal that every match has is
    ///   given up at once; without it the answers are the same, for tests.
    package convenience init(_ regex: Regex, usesRequiredLiteral: Bool = true) {
        self.init(regex, keeping: regex, usesRequiredLiteral)
    }

    convenience init(unretained regex: Regex) { self.init(regex, keeping: nil, true) }

    private init(_ regex: Regex, keeping kept: Regex?, _ usesRequiredLiteral: Bool) {
        self.regex = kept
        captureCount = regex.captureCount
        isCompiledToMachineCode = regex.isCompiledToMachineCode
        requiredLiteral = usesRequiredLiteral ? regex.requiredLiteral : []
        // SAFETY: the expression lives as long as this object, which it or `kept` refers to.
        unsafe code = regex.withCode { unsafe $0 }
        // SAFETY: each `create` gives memory of its own or null (only when memory is exhausted);
        // all of it is freed in `deinit`. 32 KB to 512 KB of stack is what pcre2jit(3) advises.
        let data = unsafe regex.withCode { unsafe pcre2_match_data_create_from_pattern_8($0, nil) }
        guard let data = unsafe data, let context = unsafe pcre2_match_context_create_8(nil) else {
            preconditionFailure("memory for a regex matcher is exhausted")
        }
        unsafe matchData = data
        unsafe self.context = context
        unsafe stack = pcre2_jit_stack_create_8(32 * 1024, 512 * 1024, nil)
        unsafe pcre2_set_heap_limit_8(context, UInt32(RegexLimits.heapKilobytesCap))
        unsafe pcre2_jit_stack_assign_8(context, nil, UnsafeMutableRawPointer(stack))
    }

    deinit {
        // SAFETY: created in `init`, freed here alone.
        unsafe pcre2_match_data_free_8(matchData)
        unsafe pcre2_match_context_free_8(context)
        unsafe pcre2_jit_stack_free_8(stack)
    }

    /// Finds the first match in `text`.
    package func search(_ text: Span<UInt8>) -> RegexResult {
        let isCut = text.count > RegexLimits.subjectByteCap
        if !isCut, isMissingLiteral(text) {
            hasMatch = false
            return .noMatch
        }
        let count = isCut ? RegexLimits.subjectByteCap : text.count
        setLimit(RegexLimits.stepsPerStart(subjectByteCount: count))
        // SAFETY: the pointer is used inside the closure only, with the span's own length.
        let status = unsafe text.withUnsafeBufferPointer { bytes in
            unsafe run(bytes.baseAddress ?? emptyText, count, isCut)
        }
        hasMatch = status >= 0
        if hasMatch { return .match }
        return status == PCRE2_ERROR_NOMATCH && !isCut ? .noMatch : .limitReached
    }

    package func search(_ text: String) -> RegexResult { search(text.utf8.span) }

    /// Whether the expression is found anywhere in `text`; a limit reached is no match.
    package func matches(_ text: Span<UInt8>) -> Bool { search(text) == .match }

    /// The bytes that group `index` took in the last search: nil where that did not match or the
    /// group is unset. Group 0 is the whole match.
    package func captureRange(_ index: Int) -> Range<Int>? {
        guard hasMatch, index >= 0, index <= captureCount else { return nil }
        // SAFETY: the match data was made for the pattern, so it holds captureCount + 1 pairs.
        let pairs = unsafe pcre2_get_ovector_pointer_8(matchData)
        guard let pairs = unsafe pairs else { return nil }
        let (start, end) = unsafe (pairs[2 * index], pairs[2 * index + 1])
        // PCRE2_UNSET, the largest size_t, arrives as -1; `\K` can put a start behind its end.
        return start >= 0 && start <= end ? start..<end : nil
    }

    private func isMissingLiteral(_ text: Span<UInt8>) -> Bool {
        if requiredLiteral.isEmpty { return false }
        // SAFETY: both pointers are used inside the closures only, with the spans' own lengths.
        return unsafe text.withUnsafeBufferPointer { bytes in
            unsafe requiredLiteral.withUnsafeBufferPointer { literal in
                unsafe martlet_find(
                    bytes.baseAddress ?? emptyText, Int64(bytes.count),
                    literal.baseAddress ?? emptyText, Int64(literal.count)) < 0
            }
        }
    }

    private func setLimit(_ limit: UInt32) {
        if limit == self.limit { return }
        self.limit = limit
        // SAFETY: the context lives as long as this object.
        unsafe pcre2_set_match_limit_8(context, limit)
        unsafe pcre2_set_depth_limit_8(context, limit)
    }

    @unsafe
    private func run(_ start: UnsafePointer<UInt8>, _ count: Int, _ isCut: Bool) -> Int32 {
        // SAFETY: `start` has `count` readable bytes. pcre2_jit_match skips the checks of its
        // arguments, which hold: code from a JIT compilation, an offset of 0, options it knows.
        // `$` must not take the place where a long text is cut for its end.
        let options = isCut ? UInt32(PCRE2_NOTEOL) : 0
        return isCompiledToMachineCode
            ? unsafe pcre2_jit_match_8(code, start, count, 0, options, matchData, context)
            : unsafe pcre2_match_8(code, start, count, 0, options, matchData, context)
    }
}

/// The outcome of one search.
package enum RegexResult: Hashable, Sendable {
    case match
    case noMatch
    /// The search was given up at one of the limits of `RegexLimits`; to a rule this is no match.
    case limitReached
}
