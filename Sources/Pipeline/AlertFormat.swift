// SPDX-License-Identifier: Apache-2.0

/// How alerts are written.
package enum AlertFormat: String, Hashable, Sendable, CaseIterable {
    /// A block of lines for people.
    case human
    /// One JSON object a line: docs/reference/alert-json.md.
    case jsonLines = "jsonl"
    /// One row an alert, JSON in the cells that hold more than one value.
    case csv
    /// No alerts: a line a rule with its name and number of matches, at the end.
    case count
}
