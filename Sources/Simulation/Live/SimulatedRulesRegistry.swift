// SPDX-License-Identifier: Apache-2.0

internal import Live

/// A registry of rules in memory. What was added is there for good, as it has to be of any.
// SAFETY: `@unchecked Sendable`: a simulation has one thread.
@safe
final class SimulatedRulesRegistry: RulesRegistry, @unchecked Sendable {
    private var versions: [RulesTexts] = []
    private var all: [RulesChange] = []

    func version(ofHash hash: String) throws(StateError) -> Int64? {
        versions.firstIndex { $0.hash == hash }.map { Int64($0 + 1) }
    }

    func hash(ofVersion number: Int64) throws(StateError) -> String? {
        try texts(ofVersion: number)?.hash
    }

    func texts(ofVersion number: Int64) throws(StateError) -> RulesTexts? {
        number >= 1 && number <= Int64(versions.count) ? versions[Int(number - 1)] : nil
    }

    func add(_ texts: RulesTexts, rules: [RegisteredRule]) throws(StateError) -> Int64 {
        versions.append(texts)
        return Int64(versions.count)
    }

    func changes() throws(StateError) -> [RulesChange] { all }
    func add(_ change: RulesChange) throws(StateError) { all.append(change) }
    func forgetChanges(after number: Int64) throws(StateError) {
        all.removeAll { $0.number > number }
    }
}
