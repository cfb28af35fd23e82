// SPDX-License-Identifier: Apache-2.0

internal import Connectors
internal import Diagnostics
internal import EventModel
internal import Pipeline
internal import Reporting
internal import RuleLanguage

/// What `--report` asks for.
struct ReplayPage {
    var path: String
    var ruleset: CheckedRuleset
    var files: [SourceFile]
    var title: String
    /// Alerts of each rule that are shown.
    var shownCap: Int
    /// How the replay was asked for.
    var arguments: [(name: String, values: [String])]
}

/// A page whose file is open, and what has been kept for it.
struct PageInWork: ~Copyable {
    private let page: ReplayPage
    private let recorder: BacktestRecorder
    private var file: FileSink

    init(_ page: ReplayPage, _ recorder: BacktestRecorder, file: consuming FileSink) {
        self.page = page
        self.recorder = recorder
        self.file = file
    }

    /// Writes the page and closes its file.
    ///
    /// - Throws: `cannotWrite`, `readerGone`.
    consuming func write(
        _ report: ReplayReport, _ eventSpan: ClosedRange<StreamTime>?, isPart: Bool
    ) throws(FeedError) {
        var backtest = BacktestReport(
            title: page.title, page.ruleset, files: page.files, report: report, recorder)
        backtest.arguments = page.arguments
        backtest.eventSpan = eventSpan
        backtest.isPart = isPart
        try file.write(backtest.html.utf8.span)
        try file.close()
    }
}

extension ReplayCommand {
    /// What the page says of the command: nothing of threads, which change nothing of it.
    func pageArguments(
        _ loaded: LoadedRuleset, _ inputs: [ReplayInput]
    ) -> [(name: String, values: [String])] {
        [
            ("Rules", [rules]),
            ("Files of rules", loaded.files.count > 1 ? loaded.files.map(\.name) : []),
            ("Events", events),
            ("Feeds", reading.feed.map { "\($0.name)=\($0.path)" }),
            ("Options", reading.given + writing.givenForPage),
            ("Made by", ["martlet \(Martlet.version)"]),
        ]
    }
}

extension ReplayReadingOptions {
    /// The options that are not as they are by themselves.
    fileprivate var given: [String] {
        var options: [String] = []
        if let input { options.append("--input \(input.rawValue)") }
        if let type { options.append("--type \(type)") }
        if typeField != "type" { options.append("--type-field \(typeField)") }
        if let timeField { options.append("--time-field \(timeField)") }
        if lateness.span > .zero { options.append("--lateness \(lateness.span)") }
        if let from { options.append("--from \(from.time)") }
        if let to { options.append("--to \(to.time)") }
        return options
    }
}

extension ReplayWritingOptions {
    fileprivate var givenForPage: [String] {
        var options: [String] = []
        if let maxMemory { options.append("--max-memory \(maxMemory.byteCount)") }
        if reportAlerts != 20 { options.append("--report-alerts \(reportAlerts)") }
        return options
    }
}
