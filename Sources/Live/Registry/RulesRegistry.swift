// SPDX-License-Identifier: Apache-2.0

package import EventModel
package import MatchCore

/// Where a change of rules came from.
package enum RulesSource: String, Hashable, Sendable, CaseIterable {
    /// The files, when the process started.
    case start
    /// The files, when it was told to look at them.
    case sighup
    /// The files, when they had changed.
    case watch
    /// The files of tables, when they had changed.
    case table
    /// The admin API.
    case api
    /// `martlet rules`.
    case command
    /// The configuration, whose limits were other ones when the process started.
    case limits

    /// Whether the rules are those of the configured files.
    package var isOfFiles: Bool {
        switch self {
        case .start, .sighup, .watch: true
        case .table, .api, .command, .limits: false
        }
    }

    /// Whether somebody wanted other rules than those of the files.
    var isOfPeople: Bool {
        switch self {
        case .api, .command: true
        case .start, .sighup, .watch, .table, .limits: false
        }
    }
}

/// A change of the rules in force, by which a journal entry goes: it is known for good before the
/// entry is written.
package struct RulesChange: Hashable, Sendable {
    /// From 1 up, in the order in which they came into force.
    package var number: Int64
    package var time: StreamTime
    package var source: RulesSource
    package var author: String
    package var note: String
    /// The version in force from then on.
    package var version: Int64
    /// The names of its rules that are not run, sorted.
    package var disabled: [String]
    /// What they are run under.
    package var limits: Caps
    /// What it did, in a few words.
    package var summary: String

    package init(
        number: Int64 = 0, time: StreamTime, source: RulesSource, author: String = "",
        note: String = "", version: Int64, disabled: [String] = [], limits: Caps = Caps(),
        summary: String = ""
    ) {
        self.number = number
        self.time = time
        self.source = source
        self.author = author
        self.note = note
        self.version = version
        self.disabled = disabled
        self.limits = limits
        self.summary = summary
    }
}

/// A rule of a version.
package struct RegisteredRule: Hashable, Sendable {
    package var name: String
    /// That of `RuleMeaning`.
    package var meaning: UInt64
    /// Where it stands.
    package var place: String
    /// `disabled` in its text.
    package var isDisabledInText: Bool
    /// As it is written.
    package var text: String
}

/// Every version of the rules that was ever in force, and when it was.
///
/// What was added is there for good when `add` comes back.
package protocol RulesRegistry: AnyObject, Sendable {
    /// The version with a content hash; nil: there is none.
    func version(ofHash hash: String) throws(StateError) -> Int64?
    func hash(ofVersion number: Int64) throws(StateError) -> String?
    /// The texts of a version; nil: there is none of that number.
    func texts(ofVersion number: Int64) throws(StateError) -> RulesTexts?
    /// - Returns: the number of the version.
    func add(_ texts: RulesTexts, rules: [RegisteredRule]) throws(StateError) -> Int64

    /// All changes, the first one first.
    func changes() throws(StateError) -> [RulesChange]
    /// Adds a change under its number.
    func add(_ change: RulesChange) throws(StateError)
    /// Forgets changes that never came into force: those with higher numbers.
    func forgetChanges(after number: Int64) throws(StateError)
}
