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
        let regex = try Regex(pattern)
        var found: [String: Int] = [:]
        for file in files {
            let count = file.codeLines.count { $0.contains(regex) }
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
        #"\basync\b"#, #"\bTask\b"#, #"\bactor\b"#, #"\bContinuousClock\b"#, #"\brandom\(in:"#,
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

    @Test func noTodoIsLeft() {
        for file in SourceTree.sources + SourceTree.tests where !file.path.contains("TidyTests") {
            for (number, line) in file.lines.enumerated() {
                let isMarked = ["TODO", "FIXME", "XXX"].contains { line.contains("\($0)") }
                #expect(!isMarked, "\(file.path):\(number + 1)")
            }
        }
    }

    /// Whoever reads the repository knows nothing of the place where it was written.
    @Test func noFileSpeaksOfItsWorkplace() throws {
        let regex = try Regex("/(work|farm)/|\\bissue #?[0-9]+")
        let folders = ["Sources", "Tests", "docs", "rules", "fixtures"]
        for file in folders.flatMap({
            SourceTree.files(
                in: $0, ".swift", ".c", ".h", ".md", ".martlet", ".txt", ".py", ".golden", ".json")
        }) where !file.path.hasSuffix("CallTests.swift") {
            for (number, line) in file.lines.enumerated() {
                #expect(!line.contains(regex), "\(file.path):\(number + 1)")
            }
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

    private static func isUnsafe(_ line: Substring) -> Bool {
        line.contains(/\bunsafe\s|\(unsafe\)|@unchecked Sendable|\bUnsafe[A-Z]/)
    }

    @Test func unsafeCodeIsWhereItMayBe() {
        for file in SourceTree.sources where file.codeLines.contains(where: Self.isUnsafe) {
            let name = String(file.path.dropFirst("Sources/".count))
            #expect(
                Self.allowed.contains(file.target) || Self.allowed.contains(name), "\(file.path)")
        }
    }

    /// A word on safety stands above the statement, at most some lines away.
    @Test func everyUnsafeExpressionSaysWhyItIsSafe() {
        var found: [String: Int] = [:]
        for file in SourceTree.sources {
            let lines = file.lines
            for (number, code) in file.codeLines.enumerated()
            where code.contains(/\bunsafe\s|\(unsafe\)|@unchecked Sendable/) {
                let above = lines[max(0, number - 12)...min(number + 2, lines.count - 1)]
                if !above.contains(where: { $0.contains("// SAFETY") }) {
                    found[file.path, default: 0] += 1
                }
            }
        }
        expectExceptions(found, are: Self.unexplained, "a `// SAFETY:` line says why")
    }

    private static let unexplained = [
        "Sources/Connectors/Reading/Unpacking.swift": 3,
        "Sources/TextMatching/Regex.swift": 1,
    ]

    @Test func whatIsSharedUncheckedIsOnThePage() throws {
        let page = SourceTree.files(in: "docs/explanation", "unsafe.md").first?.text ?? ""
        for file in SourceTree.sources {
            let isShared = file.codeLines.contains {
                $0.contains(/@unchecked Sendable|nonisolated\(unsafe\)/)
            }
            let name = file.path.dropFirst("Sources/".count)
            #expect(!isShared || page.contains("`\(name)`"), "\(file.path)")
        }
    }
}
