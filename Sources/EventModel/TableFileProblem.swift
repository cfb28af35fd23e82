// SPDX-License-Identifier: Apache-2.0

/// Why a file is no table.
package struct TableFileProblem: Error, Hashable, Sendable {
    /// Where in the file; nil: it is about all of it.
    package var line: Int64?
    package var reason: String
    /// How to mend it.
    package var advice: String
    /// The columns that there are, where one is asked for that is not.
    package var columns: [String]?

    package init(
        line: Int64? = nil, reason: String, advice: String = "", columns: [String]? = nil
    ) {
        self.line = line
        self.reason = reason
        self.advice = advice
        self.columns = columns
    }
}
