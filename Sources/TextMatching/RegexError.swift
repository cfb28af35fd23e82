// SPDX-License-Identifier: Apache-2.0

/// Why a regular expression was refused.
package struct RegexError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where in the pattern the trouble is; nil where it is in the flags.
    ///
    /// - Unit: bytes of UTF-8 from the start of the pattern; may be the pattern's length.
    package let offset: Int?
    /// What is wrong, in the words of PCRE2: lower case, no full stop.
    package let message: String

    package init(offset: Int?, message: String) {
        self.offset = offset
        self.message = message
    }

    package var description: String { message }
}
