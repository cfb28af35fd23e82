// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// Settings of every Swift target: see docs/explanation/architecture.md.
let shared: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

/// Of targets on which tests lean heavily: the debug build optimises them too, with all that they assert.
let quickInTests: [SwiftSetting] =
    shared + [
        .unsafeFlags(["-O", "-assert-config", "Debug"], .when(configuration: .debug))
    ]

/// Of targets whose small functions are on the hot path of others: without these a call of a
/// `package` function of another module is never inlined, whatever `@inlinable` says.
let inlinedElsewhere: [SwiftSetting] =
    quickInTests + [
        .unsafeFlags(
            [
                "-enable-library-evolution", "-no-emit-module-separately-wmo", "-Xfrontend",
                "-package-cmo", "-Xfrontend", "-experimental-allow-non-resilient-access",
            ], .when(configuration: .release))
    ]

/// On Linux the program holds the libraries of Swift, so that it is one file that runs where no Swift
/// is, and starts without resolving their symbols. The archives refer to one another.
let wholeProgram =
    ["-static-stdlib", "-Xlinker", "--start-group"]
    + [
        "Foundation", "FoundationInternationalization", "FoundationEssentials", "CoreFoundation",
        "_FoundationICU", "_FoundationCShims", "_FoundationCollections", "swiftSynchronization",
    ].map { "-l" + $0 } + ["-Xlinker", "--end-group"]

let package = Package(
    name: "martlet",
    platforms: [.macOS(.v26)],
    products: [.executable(name: "martlet", targets: ["martlet"])],
    traits: [
        .trait(
            name: "Vectorscan",
            description: "Looks for many regexes in one pass, with the library of that name.")
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The nouns and the leaves.
        .target(
            name: "CByteScan",
            // Such as valgrind, which counts the instructions of the budgets, can read.
            cSettings: [.unsafeFlags(["-gdwarf-4"])]),
        .target(name: "EventModel", dependencies: ["CByteScan"], swiftSettings: inlinedElsewhere),
        .target(name: "Diagnostics", swiftSettings: quickInTests),
        .systemLibrary(
            name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
        .systemLibrary(
            name: "CVectorscan", pkgConfig: "libhs", providers: [.apt(["libvectorscan-dev"])]),
        .target(
            name: "TextMatching",
            dependencies: [
                "CByteScan", "CPCRE2",
                .target(name: "CVectorscan", condition: .when(traits: ["Vectorscan"])),
            ], swiftSettings: quickInTests),

        // Text to matches.
        .target(
            name: "RuleLanguage",
            dependencies: ["EventModel", "Diagnostics", "TextMatching"], swiftSettings: quickInTests
        ),
        .target(
            name: "Automata", dependencies: ["RuleLanguage", "EventModel", "TextMatching"],
            swiftSettings: quickInTests),
        .target(
            name: "MatchCore",
            dependencies: [
                "Automata", "EventModel", "TextMatching", "CByteScan",
                .product(name: "BasicContainers", package: "swift-collections"),
            ], swiftSettings: quickInTests),
        .target(
            name: "Engine",
            dependencies: [
                "MatchCore", "Automata", "EventModel",
                .product(name: "BasicContainers", package: "swift-collections"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
            ], swiftSettings: quickInTests),

        // Bytes in, bytes out.
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(
            name: "Connectors",
            dependencies: ["EventModel", "Diagnostics", "CByteScan", "CZlib", "CZstd"],
            swiftSettings: quickInTests),
        .target(
            name: "Pipeline",
            dependencies: [
                "Connectors", "Engine", "MatchCore", "Automata", "RuleLanguage", "Diagnostics",
                "EventModel",
            ], swiftSettings: quickInTests),

        // Rules at work on what comes in, for good.
        .target(
            name: "Live",
            dependencies: [
                "Pipeline", "Connectors", "Engine", "MatchCore", "Automata", "RuleLanguage",
                "Diagnostics", "EventModel", "CByteScan", "Yams",
                .product(name: "GRDB", package: "GRDB.swift"),
            ], swiftSettings: quickInTests),
        .target(
            name: "NetworkFeeds",
            dependencies: [
                "Live", "Connectors", "Diagnostics", "EventModel",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ], swiftSettings: shared),
        .target(
            name: "NetworkSinks",
            dependencies: [
                "Live", "Connectors", "Diagnostics", "EventModel",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], swiftSettings: shared),
        .target(
            name: "AdminServer",
            dependencies: [
                "Reporting", "Live", "Pipeline", "Connectors", "Automata", "RuleLanguage",
                "Diagnostics", "EventModel",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], swiftSettings: shared),

        // What tests rules, and what tests the engine.
        .target(
            name: "Harness",
            dependencies: [
                "Engine", "MatchCore", "Automata", "RuleLanguage", "Diagnostics", "EventModel",
            ], swiftSettings: quickInTests),
        .target(
            name: "Oracle",
            dependencies: ["RuleLanguage", "Diagnostics", "EventModel", "TextMatching"],
            swiftSettings: quickInTests),
        .target(
            name: "AttemptTracing",
            dependencies: ["Oracle", "RuleLanguage", "Diagnostics", "EventModel"],
            swiftSettings: quickInTests),
        .target(
            name: "Simulation",
            dependencies: [
                "AdminServer", "NetworkFeeds", "NetworkSinks", "Oracle", "Harness", "Live",
                "Pipeline",
                "Connectors", "Engine", "MatchCore", "Automata",
                "RuleLanguage", "Diagnostics", "EventModel",
            ], swiftSettings: quickInTests),

        // Pages and drawings for people.
        .target(
            name: "Reporting",
            dependencies: [
                "Pipeline", "Engine", "MatchCore", "Automata", "RuleLanguage", "Diagnostics",
                "EventModel",
            ], swiftSettings: quickInTests),

        // Rules in an editor.
        .target(
            name: "LanguageServer",
            dependencies: ["Automata", "RuleLanguage", "Diagnostics", "EventModel"],
            swiftSettings: quickInTests),

        // The programs.
        .target(
            name: "MartletCommands",
            dependencies: [
                "AdminServer", "NetworkFeeds", "NetworkSinks", "LanguageServer", "Reporting",
                "Live", "Pipeline", "Harness", "AttemptTracing", "Connectors",
                "Engine", "MatchCore", "Automata", "RuleLanguage", "Diagnostics", "EventModel",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: shared),
        .executableTarget(
            name: "martlet", dependencies: ["MartletCommands"], swiftSettings: shared,
            // Libraries bring debug information that valgrind cannot read; names stay.
            linkerSettings: [
                .unsafeFlags(["-Xlinker", "--strip-debug"], .when(configuration: .release)),
                .unsafeFlags(
                    wholeProgram, .when(platforms: [.linux], configuration: .release)),
            ]),
        .executableTarget(
            name: "martlet-sim", dependencies: ["Simulation"], swiftSettings: shared),
        .executableTarget(
            name: "martlet-fuzz", dependencies: ["Simulation"], swiftSettings: shared),
        .executableTarget(
            name: "martlet-patterns", dependencies: ["TextMatching"], swiftSettings: shared),
        .target(name: "CAllocationCounter"),
        .executableTarget(
            name: "martlet-bench", dependencies: ["Simulation", "CAllocationCounter"],
            swiftSettings: shared),

        // Tests: one target a library, the golden corpus in fixtures/; and what several of them use.
        .target(
            name: "GzipPacking", dependencies: ["CZlib"], path: "Tests/GzipPacking",
            swiftSettings: shared),
        .target(
            name: "SampleCertificates", path: "Tests/SampleCertificates", swiftSettings: shared),
        .testTarget(
            name: "EventModelTests",
            dependencies: ["EventModel"],
            swiftSettings: shared),
        .testTarget(
            name: "DiagnosticsTests",
            dependencies: ["Diagnostics"],
            swiftSettings: shared),
        .testTarget(
            name: "TextMatchingTests",
            dependencies: ["TextMatching"],
            swiftSettings: shared),
        .testTarget(
            name: "RuleLanguageTests",
            dependencies: ["RuleLanguage", "Diagnostics", "EventModel"],
            swiftSettings: shared),
        .testTarget(
            name: "ConnectorsTests",
            dependencies: ["Connectors", "Diagnostics", "EventModel", "GzipPacking", "CZstd"],
            swiftSettings: shared),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "Oracle", "Engine", "MatchCore", "Automata", "RuleLanguage", "Diagnostics",
                "EventModel",
            ],
            swiftSettings: shared),
        .testTarget(
            name: "OracleTests",
            dependencies: ["Oracle", "RuleLanguage", "Diagnostics", "EventModel"],
            swiftSettings: shared),
        .testTarget(
            name: "PipelineTests",
            dependencies: [
                "Pipeline", "Connectors", "Engine", "MatchCore", "Automata", "RuleLanguage",
                "Diagnostics", "EventModel",
            ],
            swiftSettings: shared),
        .testTarget(
            name: "HarnessTests",
            dependencies: [
                "Harness", "Engine", "MatchCore", "Automata", "RuleLanguage", "Diagnostics",
                "EventModel",
            ],
            swiftSettings: shared),
        .testTarget(
            name: "AttemptTracingTests",
            dependencies: [
                "AttemptTracing", "Simulation", "Oracle", "Engine", "RuleLanguage", "Diagnostics",
                "EventModel",
            ],
            swiftSettings: shared),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Simulation", "Oracle", "Harness", "Pipeline", "Connectors", "Engine", "MatchCore",
                "Automata", "RuleLanguage", "Diagnostics", "EventModel",
            ],
            swiftSettings: shared),
        .testTarget(
            name: "LiveTests",
            dependencies: [
                "Live", "Connectors", "MatchCore", "Automata", "RuleLanguage", "Diagnostics",
                "EventModel", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: shared),
        .testTarget(
            name: "NetworkFeedsTests",
            dependencies: [
                "NetworkFeeds", "Live", "Connectors", "Automata", "RuleLanguage", "Diagnostics",
                "EventModel", "GzipPacking", "SampleCertificates",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: shared),
        .testTarget(
            name: "NetworkSinksTests",
            dependencies: [
                "NetworkSinks", "Live", "Connectors", "Automata", "RuleLanguage", "Diagnostics",
                "EventModel", "SampleCertificates",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: shared),
        .testTarget(
            name: "AdminServerTests",
            dependencies: [
                "AdminServer", "Live", "Pipeline", "Connectors", "Automata", "RuleLanguage",
                "Diagnostics", "EventModel",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: shared),
        .testTarget(
            name: "ReportingTests",
            dependencies: [
                "Reporting", "Pipeline", "Connectors", "MatchCore", "Automata", "RuleLanguage",
                "Diagnostics", "EventModel",
            ],
            swiftSettings: shared),
        .testTarget(
            name: "LanguageServerTests",
            dependencies: [
                "LanguageServer", "Automata", "RuleLanguage", "Diagnostics", "EventModel",
                "TextMatching",
            ],
            swiftSettings: shared),
        .testTarget(
            name: "MartletCommandsTests",
            dependencies: [
                "MartletCommands", "LanguageServer", "AttemptTracing", "Simulation", "Oracle",
                "Live", "Pipeline", "Connectors",
                "Harness", "Engine", "MatchCore", "Automata", "RuleLanguage", "Diagnostics",
                "EventModel", "SampleCertificates",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: shared),
        .testTarget(name: "TidyTests", swiftSettings: shared),
    ]
)
