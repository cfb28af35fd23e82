// SPDX-License-Identifier: Apache-2.0

package import Diagnostics
package import EventModel

/// One case of a `test` block, checked: offsets are turned into times from the case's zero.
package struct CheckedTest: Sendable {
    /// Where a case's `0s` is, unless its lines use dates: then the earliest date.
    package static let zero = StreamTime(nanoseconds: 1_767_225_600_000_000_000)  // 2026-01-01

    package struct Line: Sendable {
        package enum Kind: Sendable {
            /// `count` events, the first at `time`, then every `interval`.
            case events(
                EventTypeID, time: StreamTime, count: Int, interval: TimeSpan,
                fields: [(name: String, value: Value)], arriving: StreamTime?)
            /// A recorded file of events, path beside the rules file.
            case replay(String)
            case restart(at: StreamTime)
            case until(StreamTime)
        }
        package var kind: Kind
        package var span: SourceSpan

        package init(kind: Kind, span: SourceSpan) {
            self.kind = kind
            self.span = span
        }
    }

    package struct Expectation: Sendable {
        package enum Kind: Sendable {
            case none
            case alert(
                at: StreamTime?, rule: String?, fields: [(name: String, value: Value)])
            case count(Int)
        }
        package var kind: Kind
        package var span: SourceSpan

        package init(kind: Kind, span: SourceSpan) {
            self.kind = kind
            self.span = span
        }
    }

    /// The names of the rules under test.
    package var rules: [String]
    package var name: String
    /// The instant of `0s` in this case.
    package var start: StreamTime
    package var lines: [Line]
    /// The tables that have other rows in this case.
    package var givenTables: [TableID: LookupTable] = [:]
    package var expectations: [Expectation]
    package var span: SourceSpan

    package init(
        rules: [String], name: String, start: StreamTime, lines: [Line],
        expectations: [Expectation], span: SourceSpan
    ) {
        self.rules = rules
        self.name = name
        self.start = start
        self.lines = lines
        self.expectations = expectations
        self.span = span
    }
}
