// SPDX-License-Identifier: Apache-2.0
// Rules files as bytes: the front end must have an answer to all of them, and what it accepts must
// run.

internal import Automata
internal import Diagnostics
internal import EventModel
internal import Harness
internal import Oracle
internal import RuleLanguage

extension FuzzTarget {
    static let rulesCorpus = [
        "fixtures/corpus/rules", "fixtures/corpus/tests", "fixtures/golden/syntax",
        "fixtures/golden/checked",
        "fixtures/golden/diagnostics", "fixtures/golden/programs", "rules",
    ]

    /// Rules without errors, most of them.
    static let acceptedCorpus = [
        "fixtures/corpus/rules", "fixtures/corpus/tests", "fixtures/golden/checked",
        "fixtures/golden/programs", "rules",
    ]

    static let ruleWords = [
        "event", "rule", "test", "case", "table", "let", "when", "within 5s", "within 1h", "by",
        "then", "then next", "then each", "then no", "for 3s", "at least 2", "2 to 3", "3",
        "consecutive", "optional", "times", "all of {", "any of {", "any event", "alert", "emit {",
        "but no", "but not next", "until", "reset on", "skip none", "skip to next",
        "skip past last",
        "skip to first", "skip to last", "attempts latest", "attempts all", "having", "suppress 5m",
        "limit 3 per 1h", "resolve on", "except", "severity", "tags", "labels", "disabled",
        "keys from", "over sliding 5m", "over tumbling 1h", "over hopping 1h every 5m",
        "over session 5m", "over last 20", "distinct", "of", "as", "where", "and", "or", "not",
        "in", "not in", "like", "~like", "matches", "contains", "between", "is missing",
        "is present", "??", "==", "!=", "<=", ">=", "~=", "+", "-", "*", "/", "%", "(", ")", "[",
        "]", "{", "}", ",", ".", ":", "=", "|", "?", "\n", "true", "false", "10.0.0.0/8", "::1",
        "2027-01-31", "2027-01-31T12:00:00Z", "1h30m", "500ms", "10kb", "\"{", "}\"", "\"\"\"",
        "r\"(?<a>.*)\"i", "`", "//", "count(", "sum(", "avg(", "min(", "max(", "first(", "last(",
        "stddev(", "median(", "percentile(", "ema(", "count_distinct(", "distinct(", "prev(",
        "lower(", "length(", "substring(", "replace(", "split(", "round(", "log(", "pow(", "if(",
        "hour(", "weekday(", "date(", "cidr(", "distance_km(", "int(", "float(", "string(",
        "coalesce(", "base64_decode(", "entropy(", "match.start", "match.end", "match.count",
        "time", "id", "type", "string", "int", "float", "bool", "ip", "network", "duration", "any",
        "given", "at 0s", "every", "arriving", "replay", "restart at", "expect none",
        "expect at 5s alert", "expect 2 alerts", "from", "key", "after 5s", "per",
        "9223372036854775807",
        "106751d", "1e308", "0.1", "-1", "\u{1f600}", "\u{feff}", "\r\n", "\0",
    ]

    /// Lexer, parser, checker and the renderings of what they say.
    static let frontEnd = FuzzTarget(
        "front", law: "any bytes have a tree that prints them back, and diagnostics or rules",
        corpus: rulesCorpus, dictionary: ruleWords
    ) { bytes in
        let file = SourceFile(name: "fuzz.martlet", bytes: bytes)
        let parsed = RuleSyntax.parse(file)
        if let failure = coverage(parsed.tree, of: bytes) { return .failed(failure) }
        let checked = RuleChecker.check([parsed])
        var verdict = FuzzVerdict()
        for diagnostic in checked.diagnostics {
            verdict.reached(diagnostic.code, diagnostic.notes.count + 1)
            let spans = [diagnostic.span] + diagnostic.notes.compactMap(\.span)
            for span in spans where span.range.upperBound > bytes.count {
                return .failed("\(diagnostic.code) points behind the end of the file")
            }
        }
        let hasErrors = checked.diagnostics.contains { $0.severity == .error }
        if hasErrors == (checked.ruleset != nil) {
            return .failed("errors: \(hasErrors), yet a ruleset: \(checked.ruleset != nil)")
        }
        let dump = parsed.tree.dump()
        reachPairs(dump.split(separator: "\n").map(heading), &verdict)
        let shown = [
            dump, parsed.tree.dumpTokens(), checked.ruleset?.description ?? "",
            DiagnosticRenderer.human(checked.diagnostics, colour: true),
            DiagnosticRenderer.json(checked.diagnostics),
            DiagnosticRenderer.github(checked.diagnostics),
        ]
        verdict.reached("shown", shown.reduce(0) { $0 + $1.utf8.count })
        return verdict
    }

    /// Notes what follows what: a cheap measure of how much of a grammar inputs use.
    private static func reachPairs(_ names: [some StringProtocol], _ verdict: inout FuzzVerdict) {
        for (a, b) in zip(names, names.dropFirst()) { verdict.reached("\(a)\n\(b)") }
    }

    /// The indentation of a line of a dump and its first word, which authors did not write.
    private static func heading(_ line: Substring) -> Substring {
        let indentation = line.prefix { $0 == " " }
        return line.prefix(
            indentation.count
                + line.dropFirst(indentation.count).prefix {
                    $0.isLetter
                }.count)
    }

    /// What is wrong with the places of the tokens; nil where they print back the file.
    private static func coverage(_ tree: SyntaxTree, of bytes: [UInt8]) -> String? {
        var place = 0
        for token in tree.tokens {
            guard token.trivia.lowerBound == place,
                token.trivia.upperBound == token.range.lowerBound
            else { return "a token begins at \(token.range.lowerBound), and not at \(place)" }
            place = token.range.upperBound
        }
        guard place == bytes.count else { return "the tokens end at \(place) of \(bytes.count)" }
        guard case .endOfFile? = tree.tokens.last?.kind else { return "the last token is no end" }
        return nil
    }

    /// Rulesets that are accepted, over events that are made to meet their conditions.
    static let programs = FuzzTarget(
        "programs",
        law: "what the checker accepts compiles, validates, explains itself and runs",
        corpus: acceptedCorpus, invent: generatedRules, dictionary: ruleWords, byteCap: 12_000
    ) { bytes in
        guard let ruleset = accepted(bytes) else { return FuzzVerdict() }
        let subject = EngineSubject(ruleset)
        subject.program.validate()
        var verdict = FuzzVerdict()
        verdict.reached("description", subject.program.description.utf8.count)
        let filings = RuleFilings(subject.program)
        for (rule, program) in zip(ruleset.rules, subject.program.rules) {
            let explanation = RuleExplanation(rule, program, in: ruleset, filedIn: filings)
            verdict.reached("states", explanation.states.count)
            for transition in explanation.transitions {
                verdict.reached("\(transition.kind) \(rule.skip)".prefix(40).description)
            }
        }
        var random = FuzzEvents(subject.program, seed: FuzzVerdict.hash(bytes))
        // Choices multiply with each event: `each` on a few dozen events takes seconds.
        let hasChoices = subject.program.rules.contains(where: \.hasChoices)
        let events = random.events(count: hasChoices ? 14 : 24)
        let whole = subject.matches(in: events, watchedFrom: .zero, drainUntil: nil)
        var cut = EngineSubject.Disturbance()
        cut.batchSize = 1 + events.count % 5
        cut.restartsBefore = Int(FuzzVerdict.hash(bytes) % UInt64(events.count))
        cut.movesClock = FuzzVerdict.hash(bytes) >> 32 % 2 == 0
        let again = subject.matches(in: events, watchedFrom: .zero, drainUntil: nil, cut)
        if whole != again {
            let lost = whole.first { !again.contains($0) }
            return .failed(
                "\(whole.count) matches at once, \(again.count) others with a restart before event "
                    + "\(cut.restartsBefore ?? 0): \(lost as Any)")
        }
        for match in whole {
            verdict.reached(
                "match of \(match.bound.count)", match.bound.reduce(0) { $0 + $1.count })
        }
        reachPairs(
            subject.program.code.map { "\($0)".prefix { $0 != "(" } }, &verdict)
        reachPairs(
            subject.program.rules.flatMap { rule in
                rule.lines.map { line in
                    "\(line.connector) \("\(line.kind)".prefix { $0 != "(" }) \(line.butNo.count)"
                        + " \(line.until.count) \(line.after >= 0) \(line.within >= 0)"
                }
            }, &verdict)
        return verdict
    }

    /// The events that a case sends: many take time, and show nothing that a few do not.
    private static func eventCount(of test: CheckedTest) -> Int {
        test.lines.reduce(0) { total, line in
            if case .events(_, _, let count, _, _, _) = line.kind { return total + count }
            return total
        }
    }

    private static func generatedRules(_ seed: UInt64) -> [UInt8] {
        var generator = RuleGenerator(seed: seed)
        generator.hasPolicies = seed % 3 == 0
        generator.prefersKeysFrom = seed % 10 == 0
        return Array((seed % 4 == 1 ? generator.chain() : generator.ruleset()).utf8)
    }

    static func accepted(_ bytes: [UInt8]) -> CheckedRuleset? {
        let file = SourceFile(name: "fuzz.martlet", bytes: bytes)
        return RuleChecker.check([RuleSyntax.parse(file)]).ruleset
    }

    /// The cases of rulesets that are accepted, and what few of them reach.
    static let tests = FuzzTarget(
        "tests", law: "every test case that the checker accepts has a result, and a coverage",
        corpus: ["fixtures/corpus/tests", "rules"], dictionary: ruleWords, byteCap: 12_000
    ) { bytes in
        guard let ruleset = accepted(bytes) else { return FuzzVerdict() }
        var runner = TestRunner(ruleset)
        var verdict = FuzzVerdict()
        for test in ruleset.tests.prefix(8) where eventCount(of: test) <= 300 {
            let result = runner.run(test)
            reachPairs(
                test.lines.map { "\($0.kind)".prefix { $0 != "(" } }
                    + test.expectations.map { "\($0.kind)".prefix { $0 != "(" } }, &verdict)
            verdict.reached("alerts", result.alerts.count)
            let picture = FailurePicture(test, in: ruleset)
            for failure in result.failures {
                if case .restart = failure.kind {
                    return .failed(
                        picture.lines(failure, among: result.alerts).joined(separator: "\n"))
                }
                verdict.reached(String("\(failure.kind)".prefix { $0 != "(" }))
                verdict.reached(
                    "lines", picture.lines(failure, among: result.alerts).count)
            }
        }
        let short = ruleset.tests.filter { eventCount(of: $0) <= 12 }.prefix(2)
        for rule in runner.coverage(of: Array(short)) {
            reachPairs(
                rule.findings.map { "\($0.subject) \($0.outcomes.map(\.isReached))" }, &verdict)
        }
        return verdict
    }
}
