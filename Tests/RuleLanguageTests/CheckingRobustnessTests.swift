// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import Testing

@testable import RuleLanguage

/// Whatever a file holds, checking it ends with a result.
@Suite struct CheckingRobustnessTests {
    /// A small generator, so that a failure can be repeated.
    private struct Numbers {
        var state: UInt64
        mutating func next(below limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(max(1, limit)))
        }
    }

    private func tokens() throws -> [String] {
        var words: [String] = []
        for (folder, name) in [("checked", "page.martlet"), ("diagnostics", "two-hundred.martlet")]
        {
            let file = try CheckingGoldens(folder).source(name)
            let tree = RuleSyntax.parse(file).tree
            words += tree.tokens.map { ($0.startsLine ? "\n" : "") + file.text($0.range) }
        }
        return words
    }

    @Test(arguments: [1, 2, 3, 4])
    func rulesWithTokensLostDoubledAndMixedUpGiveAResult(seed: UInt64) throws {
        let words = try tokens()
        var numbers = Numbers(state: seed)
        for _ in 0..<40 {
            let start = numbers.next(below: words.count)
            var part = Array(words[start..<min(words.count, start + 300)])
            for _ in 0..<(1 + numbers.next(below: 12)) {
                let place = numbers.next(below: part.count)
                switch numbers.next(below: 3) {
                case 0: part.remove(at: place)
                case 1: part.insert(words[numbers.next(below: words.count)], at: place)
                default: part.swapAt(place, numbers.next(below: part.count))
                }
            }
            let result = checked(part.joined(separator: " "))
            let errors = result.diagnostics.filter { $0.severity == .error }
            #expect((result.ruleset == nil) == !errors.isEmpty)
        }
    }

    @Test func aConditionOfAThousandPartsIsChecked() {
        let parts = (0..<1000).map { "user == \"u\($0)\"" }.joined(separator: " or ")
        let result = checked(
            "event login { user: string }\nrule r { when { login where \(parts) } }")
        #expect(result.diagnostics.map(\.code) == ["W0107"])
    }

    @Test(arguments: [99, 3000])
    func longChainsOfDeclarationsAreRefusedRatherThanFollowed(length: Int) {
        let constants = (0..<length).map { "let a\($0) = a\($0 + 1) + 1" }
        let events = (0..<length).map { "event b\($0) from b\($0 + 1)" }
        let ends = ["let a\(length) = 1", "event b\(length) { user: string }"]
        let rule = "rule r { when { b0 where length(user) > a0 } }"
        let text = (constants + events + ends + [rule]).joined(separator: "\n")
        let errors = checked(text).diagnostics.filter { $0.severity == .error }.map(\.code)
        #expect(Set(errors) == (length < 100 ? [] : ["E0105", "E0106"]))
    }
}
