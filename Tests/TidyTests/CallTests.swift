// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What code must not say.
@Suite struct CallTests {
    private static let programs: Set = [
        "martlet", "martlet-sim", "martlet-fuzz", "martlet-bench", "martlet-patterns",
    ]
    private static let libraries = SourceTree.sources.filter { !programs.contains($0.target) }

    /// The files of which a line of code has a match, with the number of such lines.
    private static func lines(
        _ files: [SourceTree.File], matching pattern: String
    ) throws -> [String: Int] {
        let pattern = try LinePattern(pattern)
        var found: [String: Int] = [:]
        for file in files {
            let count = pattern.lines(in: file.code).count
            if count > 0 { found[file.path] = count }
        }
        return found
    }

    @Test(arguments: [
        #"\bDate\(\)"#, #"\.hashValue\b"#, #"\bprint\("#, #"\bTask\.detached\b"#, #"\bNSLog\("#,
        #"\btry!"#, #"\bfatalError\("#, #"^\s*(package |internal )?import Foundation\b"#,
    ])
    func librariesDoNotSay(_ pattern: String) throws {
        let found = try Self.lines(Self.libraries, matching: pattern)
        expectExceptions(
            found, are: Self.allowed[pattern] ?? [:], "libraries do not say \(pattern)")
    }

    private static let allowed: [String: [String: Int]] = [:]

    /// A pure part reads no clock, no environment and no randomness, and waits for nothing.
    @Test(arguments: [
        #"\basync\b"#, #"\bTask\b"#, #"\bactor\b"#, #"\bContinuousClock\b"#,
        #"\brandom\(in: [^,)]*\)"#,
        #"\bclock_gettime\("#, #"\bgetenv\("#, #"\bSystemRandomNumberGenerator\b"#,
    ])
    func thePurePartDoesNotSay(_ pattern: String) throws {
        let pure: Set = [
            "EventModel", "Diagnostics", "TextMatching", "RuleLanguage", "Automata", "MatchCore",
            "Engine", "Oracle",
        ]
        let found = try Self.lines(
            SourceTree.sources.filter { pure.contains($0.target) }, matching: pattern)
        expectExceptions(found, are: [:], "what is left of `Pipeline` does not say \(pattern)")
    }

    @Test func noTodoIsLeft() throws {
        let mark = try LinePattern("TODO|FIXME|XXX")
        for file in SourceTree.sources + SourceTree.tests where !file.path.contains("TidyTests") {
            for line in mark.lines(in: file.text) { Issue.record("\(file.path):\(line + 1)") }
        }
    }

    /// Whoever reads the repository knows nothing of the place where it was written.
    @Test func noFileSpeaksOfItsWorkplace() throws {
        let word = try LinePattern("/(work|farm)/|\\bissue #?[0-9]+")
        let folders = ["Sources", "Tests", "docs", "rules", "fixtures"]
        for file in folders.flatMap({
            SourceTree.files(
                in: $0, ".swift", ".c", ".h", ".md", ".martlet", ".txt", ".py", ".golden", ".json")
        }) where !file.path.hasSuffix("CallTests.swift") {
            for line in word.lines(in: file.text) { Issue.record("\(file.path):\(line + 1)") }
        }
    }
}

/// Unsafe code is where it is allowed, and says why it is safe.
@Suite struct UnsafeTests {
    /// Wrappers of C libraries and of the operating system; the tools of the tests.
    private static let allowed: Set = [
        "MatchCore", "TextMatching", "Connectors", "Pipeline", "Live", "MartletCommands",
        "Simulation",
        "EventModel/ByteCopy.swift", "EventModel/ByteScan.swift", "EventModel/ByteWords.swift",
        "EventModel/SymbolStorage.swift", "EventModel/SymbolTable.swift",
        "EventModel/TimeZoneFile.swift",
    ]

    @Test func unsafeCodeIsWhereItMayBe() throws {
        let unsafe = try LinePattern(
            #"\bunsafe |\(unsafe\)|@unchecked Sendable|\bUnsafe[A-Z]"#)
        for file in SourceTree.sources where unsafe.isIn(file.code) {
            let name = String(file.path.dropFirst("Sources/".count))
            #expect(
                Self.allowed.contains(file.target) || Self.allowed.contains(name), "\(file.path)")
        }
    }

    /// A word on safety stands above the statement, at most some lines away.
    @Test func everyUnsafeExpressionSaysWhyItIsSafe() throws {
        let unsafe = try LinePattern(#"\bunsafe |\(unsafe\)|@unchecked Sendable"#)
        var found: [String: Int] = [:]
        for file in SourceTree.sources {
            let lines = file.lines
            for number in unsafe.lines(in: file.code) {
                let above = lines[max(0, number - 12)...min(number + 2, lines.count - 1)]
                if !above.contains(where: { $0.contains("// SAFETY") }) {
                    found[file.path, default: 0] += 1
                }
            }
        }
        expectExceptions(found, are: Self.unexplained, "a `// SAFETY:` line says why")
    }

    private static let unexplained = [
        "Sources/Connectors/Reading/Unpacking.swift": 3
    ]

    @Test func whatIsSharedUncheckedIsOnThePage() throws {
        let page = SourceTree.files(in: "docs/explanation", "unsafe.md").first?.text ?? ""
        let shared = try LinePattern(#"@unchecked Sendable|nonisolated\(unsafe\)"#)
        for file in SourceTree.sources where shared.isIn(file.code) {
            let name = file.path.dropFirst("Sources/".count)
            #expect(page.contains("`\(name)`"), "\(file.path)")
        }
    }
}
