// SPDX-License-Identifier: Apache-2.0

import Testing

/// The arrows between targets, which a plain build does not hold them to.
@Suite struct ImportTests {
    /// What each target may import, C libraries and packages included.
    private static let arrows: [String: Set<String>] = {
        let nouns: Set = ["EventModel", "Diagnostics"]
        let language = nouns.union(["TextMatching"])
        let compiled = language.union(["RuleLanguage", "Automata"])
        let all = compiled.union(["MatchCore", "Engine", "Connectors", "Pipeline"])
        let network: Set = [
            "Crypto", "HTTPTypes", "Hummingbird", "HummingbirdTLS", "Logging", "NIOCore",
            "NIOPosix", "NIOSSL", "Synchronization",
        ]
        let admin: Set = ["Connectors", "HummingbirdCore", "NIOHTTPTypes"]
        return [
            "EventModel": ["CByteScan", "Glibc", "Synchronization"],
            "Diagnostics": [],
            "TextMatching": ["CByteScan", "CPCRE2", "CVectorscan", "Synchronization"],
            "RuleLanguage": language.union(["Synchronization"]),
            "Automata": language.union(["RuleLanguage", "Synchronization"]),
            "MatchCore": [
                "Automata", "EventModel", "TextMatching", "BasicContainers", "CByteScan",
                "Synchronization",
            ],
            "Engine": [
                "MatchCore", "Automata", "EventModel", "BasicContainers", "DequeModule",
                "HeapModule",
            ],
            "Connectors": nouns.union(["CByteScan", "CZlib", "CZstd", "Glibc"]),
            "Pipeline": all.subtracting(["Pipeline"]).union(["Glibc"]),
            "Harness": compiled.union(["MatchCore", "Engine"]),
            "Oracle": language.union(["RuleLanguage"]),
            "AttemptTracing": language.union(["RuleLanguage", "Oracle"]),
            "Simulation": all.union([
                "AdminServer", "Harness", "Live", "NetworkFeeds", "NetworkSinks", "Oracle", "Glibc",
            ]),
            "Live": all.union(["CByteScan", "GRDB", "Glibc", "Yams"]),
            "NetworkFeeds": nouns.union(["Connectors", "Live", "Glibc"]).union(network)
                .union(["HummingbirdCore", "NIOHTTPTypes", "NIOTLS"]),
            "NetworkSinks": nouns.union(["Connectors", "Live", "Glibc"]).union([
                "AsyncHTTPClient", "Crypto", "Logging", "Mustache", "NIOCore", "NIOHTTP1",
                "NIOPosix",
                "NIOSSL", "Synchronization",
            ]),
            "AdminServer": compiled.union(["Live", "Pipeline", "Reporting", "Glibc"])
                .union(network).union(admin),
            "Reporting": all.subtracting(["Connectors"]),
            "LanguageServer": compiled.subtracting(["TextMatching"]),
            "MartletCommands": all.union([
                "AdminServer", "NetworkFeeds", "NetworkSinks", "LanguageServer", "Live", "Harness",
                "Reporting", "AttemptTracing", "ArgumentParser", "Glibc",
                "AsyncHTTPClient", "Logging", "NIOCore", "NIOHTTP1", "NIOSSL", "Synchronization",
                "ServiceLifecycle",
            ]),
            "martlet": ["MartletCommands"],
            "martlet-sim": ["Simulation", "Glibc"],
            "martlet-fuzz": ["Simulation", "Glibc"],
            "martlet-patterns": ["TextMatching", "Glibc"],
            "martlet-bench": ["Simulation", "CAllocationCounter", "Glibc"],
        ]
    }()

    @Test func everyTargetImportsOnlyWhatItMay() throws {
        let statement = try LinePattern(
            #"^[ \t]*(?:(?:@\w+|package|internal|public|private) )*import (?:\w+ )?(\w+)"#)
        var count = 0
        for file in SourceTree.sources {
            let allowed = try #require(Self.arrows[file.target], "a target without arrows")
            for module in statement.firstGroups(in: file.text) {
                #expect(allowed.contains(module), "\(file.path): \(module)")
                count += 1
            }
        }
        #expect(count > SourceTree.sources.count, "imports are found")
    }

    /// A library has tests of its own, and a program is short.
    @Test func everyTargetHasTestsOrIsShort() {
        let tested = Set(SourceTree.tests.map(\.target))
        for target in Set(SourceTree.sources.map(\.target)).sorted() {
            if Self.arrows[target] != nil, target.hasPrefix("martlet") {
                let lines = SourceTree.sources.filter { $0.target == target }.flatMap(\.lines)
                #expect(lines.count <= 51, "\(target) has a `main` of under 50 lines")
            } else {
                let isExempt = Self.untested.contains(target)
                #expect(tested.contains("\(target)Tests") != isExempt, "\(target)")
            }
        }
    }

    /// Libraries whose tests are those of what is built on them.
    private static let untested: Set = ["Automata", "MatchCore"]
}
