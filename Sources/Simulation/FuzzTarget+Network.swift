// SPDX-License-Identifier: Apache-2.0
// What comes over a network, and what says what is done with it. Records must not depend on how the
// bytes were cut on their way.

internal import AdminServer
internal import Connectors
internal import Diagnostics
internal import EventModel
internal import Live
internal import NetworkFeeds
internal import NetworkSinks

extension FuzzTarget {
    static let network = [cutter, framing, bodies, requests, configuration, templates]

    /// Bytes in pieces, cut anywhere by a seed.
    private static func pieces(
        of bytes: ArraySlice<UInt8>, seed: UInt64
    ) -> [ArraySlice<UInt8>] {
        var random = SeededRandom(seed: seed)
        var pieces: [ArraySlice<UInt8>] = []
        var rest = bytes
        let most = random.pick([1, 3, 20, 300])
        while !rest.isEmpty {
            let piece = rest.prefix(1 + random.below(most))
            pieces.append(piece)
            rest = rest.dropFirst(piece.count)
        }
        return pieces
    }

    // MARK: Streams

    /// The first byte says how long a line may be.
    private static let cutter = FuzzTarget(
        "cutter", law: "lines are the same, however their bytes are cut",
        corpus: ["fixtures/corpus/lines", "fixtures/corpus/json"], dictionary: ["\n", "\r\n"],
        byteCap: 4096
    ) { bytes in
        guard let first = bytes.first else { return FuzzVerdict() }
        let most = 1 + Int(first) % 100
        let body = bytes.dropFirst()
        let whole = cutLines([body], most)
        var verdict = FuzzVerdict()
        for seed in FuzzVerdict.hash(bytes)..<FuzzVerdict.hash(bytes) &+ 2 {
            let (lines, held) = cutLines(pieces(of: body, seed: seed), most)
            if lines != whole.lines { return .failed("other lines in other pieces") }
            if held > most + 300 { return .failed("\(held) bytes are held of lines of \(most)") }
        }
        for line in whole.lines.split(separator: 0x0a) where line.count > most + 1 {
            return .failed("a line of \(line.count) bytes, where \(most) are allowed")
        }
        if let last = whole.lines.last, last != 0x0a { return .failed("a line without an end") }
        verdict.reached("lines", whole.lines.count { $0 == 0x0a })
        verdict.reached("bytes", whole.lines.count)
        return verdict
    }

    private static func cutLines(
        _ pieces: [ArraySlice<UInt8>], _ most: Int
    ) -> (lines: [UInt8], held: Int) {
        var cutter = LineCutter(maxLineByteCount: most)
        var lines: [UInt8] = []
        var held = 0
        for piece in pieces {
            cutter.take(piece, into: &lines)
            held = max(held, cutter.rest.count)
        }
        cutter.finish(into: &lines)
        return (lines, held)
    }

    /// The first byte says how messages are told apart and how long one may be.
    private static let framing = FuzzTarget(
        "framing", law: "messages are the same, however their bytes are cut",
        corpus: ["fixtures/corpus/framing", "fixtures/corpus/lines"],
        dictionary: ["\n", "\r\n", "\u{0}", "<13>", "5 ", "0", "16 <13>", "999999999 ", "1 "],
        byteCap: 4096
    ) { bytes in
        guard let first = bytes.first else { return FuzzVerdict() }
        let most = 1 + Int(first) / 6 * 5
        let kinds: [MessageFraming] = [.lines, .octetCounted, .auto]
        let kind = kinds[Int(first) % kinds.count]
        let format: FeedFormat = first % 2 == 0 ? .lines : .jsonLines
        let body = bytes.dropFirst()
        let whole = cutMessages([body], kind, most, format)
        for seed in FuzzVerdict.hash(bytes)..<FuzzVerdict.hash(bytes) &+ 2 {
            let cut = cutMessages(pieces(of: body, seed: seed), kind, most, format)
            if cut.lines != whole.lines { return .failed("other messages in other pieces") }
            if cut.isBroken != whole.isBroken { return .failed("refused in other pieces") }
            if cut.held > most + 320 { return .failed("\(cut.held) bytes held of \(most)") }
        }
        if let last = whole.lines.last, last != 0x0a { return .failed("a line without an end") }
        var verdict = FuzzVerdict()
        verdict.reached("messages \(kind)", whole.lines.count { $0 == 0x0a })
        if whole.isBroken { verdict.reached("broken") }
        return verdict
    }

    private static func cutMessages(
        _ pieces: [ArraySlice<UInt8>], _ framing: MessageFraming, _ most: Int, _ format: FeedFormat
    ) -> (lines: [UInt8], isBroken: Bool, held: Int) {
        var stream = ReceivedStream(framing, maxByteCount: most, format: format)
        var lines: [UInt8] = []
        var held = 0
        for piece in pieces {
            stream.take(piece, into: &lines)
            held = max(held, stream.heldByteCount)
        }
        stream.finish(into: &lines)
        return (lines, stream.isBroken, held)
    }

    // MARK: Requests

    private static let contentTypes: [String?] = [
        nil, "application/x-ndjson", "application/json", "text/csv", "text/plain; charset=utf-8",
        "application/cloudevents+json", "image/png",
    ]

    /// The first byte says what the body is said to be, the second whether it is packed and in what
    /// format the feed is.
    private static let bodies = FuzzTarget(
        "bodies", law: "a body gives the same records, or is refused, however it comes in",
        corpus: [
            "fixtures/corpus/bodies", "fixtures/corpus/json", "fixtures/corpus/csv",
            "fixtures/corpus/packed",
        ],
        seeds: { [[2, 1] + StoredGzip.pack(Array("[{\"type\":\"a\"},\n {}]".utf8))] },
        dictionary: [
            "[", "]", ",", "{", "}", "\"", "\\\"", "\\", "\n", " ", "{\"type\":\"a\"}", "null",
            "\t",
        ], byteCap: 8192
    ) { bytes in
        guard bytes.count >= 2 else { return FuzzVerdict() }
        let type = contentTypes[Int(bytes[0]) % contentTypes.count]
        let format = FeedFormat.allCases[Int(bytes[1] >> 1) % FeedFormat.allCases.count]
        let body = bytes[2...]
        let isPacked = bytes[1] & 1 == 1
        let whole = received([body], type, isPacked, format)
        for seed in FuzzVerdict.hash(bytes)..<FuzzVerdict.hash(bytes) &+ 2 {
            let cut = received(pieces(of: body, seed: seed), type, isPacked, format)
            if cut.lines != whole.lines { return .failed("other records in other pieces") }
            if cut.held > bodyCap * 2 + ByteSource.chunkByteCount {
                return .failed("\(cut.held) bytes are held of a body of \(bodyCap)")
            }
        }
        var verdict = FuzzVerdict()
        guard let lines = whole.lines else {
            verdict.reached("refused \(whole.reason.filter(\.isLetter).prefix(60))")
            return verdict
        }
        if let last = lines.last, last != 0x0a { return .failed("a line without an end") }
        let count = lines.split(separator: 0x0a).count { line in
            line.contains { $0 != 0x20 && $0 != 0x0d && $0 != 0x09 }
        }
        let named = type == "text/csv" || format == .csv && whole.count < count ? 1 : 0
        if whole.count > count || whole.count + named < count {
            return .failed("\(whole.count) records in \(count) lines")
        }
        verdict.reached("records", whole.count)
        return verdict
    }

    private static let bodyCap = 6000

    private static func received(
        _ pieces: [ArraySlice<UInt8>], _ type: String?, _ isPacked: Bool, _ format: FeedFormat
    ) -> (lines: [UInt8]?, count: Int, held: Int, reason: String) {
        let body = ReceivedBody(
            contentType: type, contentEncoding: isPacked ? "gzip" : nil, format: format,
            byteCap: bodyCap)
        guard let body else { return (nil, 0, 0, "head") }
        var held = 0
        do throws(ReceivedBody.Refusal) {
            for piece in pieces {
                try body.take(piece)
                held = max(held, body.heldByteCount)
            }
            let records = try body.finish()
            return (records.lines, records.count, held, "")
        } catch {
            return (nil, 0, held, error.reason)
        }
    }

    private static let requests = FuzzTarget(
        "requests", law: "a target is plain parts and names, or is refused",
        corpus: ["fixtures/corpus/requests"],
        dictionary: [
            "/", "?", "&", "=", "%2f", "%2e%2e", "%00", "%", "+", "..", "/api/v1/rules/", "%c3%a9",
            "limit=1", "key=", "#", "//",
        ], byteCap: 3000
    ) { bytes in
        var verdict = FuzzVerdict()
        guard let summary = AdminRequestFuzz.take(String(decoding: bytes, as: UTF8.self)) else {
            verdict.reached("refused")
            return verdict
        }
        for part in summary.path {
            let isPlain =
                part != "" && part != "." && part != ".." && part.utf8.allSatisfy { $0 >= 0x20 }
            if !isPlain { return .failed("`\(part)` is a part of a path") }
        }
        verdict.reached("parts", summary.path.count)
        verdict.reached("names", summary.queryNames.count)
        verdict.reached("route \(summary.pattern) \(summary.problem == nil)")
        return verdict
    }

    // MARK: What is configured

    private static var configurationWords: [String] {
        let sections =
            [
                ConfigurationSections.topLevel, ConfigurationSections.state,
                ConfigurationSections.admin, ConfigurationSections.log,
                ConfigurationSections.route,
            ] + ConfigurationSections.feeds + ConfigurationSections.sinks
        return sections.flatMap { section in [section.name] + section.options.map(\.name) }
    }

    private static let configuration = FuzzTarget(
        "configuration", law: "a configuration is read, or what is wrong is said where it is",
        corpus: ["fixtures/corpus/configuration"],
        dictionary: configurationWords + [
            "${A}", "${B:-x}", "${C:?why}", "$$", "${", "}", "\n  ", ": ", "- ", "&a ", "*a",
            "<<: ",
            "!!int ", "'", "\"", "{", "[", "1h", "16MB", "127.0.0.1:80", "|\n", "---\n",
        ], byteCap: 6000
    ) { bytes in
        let file = SourceFile(name: "c.yaml", bytes: bytes)
        let (configuration, diagnostics) = LiveConfiguration.read(file) { name in
            ["A": "", "B": "a\nb: c", "C": "${A}", "D": "4096"][name]
        }
        var verdict = FuzzVerdict()
        for diagnostic in diagnostics {
            verdict.reached(
                "\(diagnostic.code) \(diagnostic.message.filter(\.isLetter).prefix(30))")
            _ = "\(diagnostic)"
        }
        guard let configuration else {
            return diagnostics.isEmpty ? .failed("refused without a word") : verdict
        }
        if !diagnostics.isEmpty { return .failed("read with mistakes") }
        verdict.reached("feeds", configuration.feeds.count)
        verdict.reached("sinks", configuration.sinks.count)
        verdict.reached("routes \(configuration.routes.isEmpty)")
        return verdict
    }

    /// The first byte says how values are written; what stands behind `----` is the alert.
    private static let templates = FuzzTarget(
        "templates", law: "a template gives a text, the same each time, or is refused",
        corpus: ["fixtures/corpus/templates"],
        dictionary: [
            "{{", "}}", "{{{", "}}}", "{{#", "{{^", "{{/", "{{!", "{{>", "{{<", "{{$", "{{=", "=}}",
            "{{%", "title", "tags", "field_list", "name", "value", "key_text", ".", "is_resolved",
            "first()", "json(", "\n----\n", "{\"title\":\"a\",\"tags\":[\"b\"]}",
        ], byteCap: 6000
    ) { bytes in
        guard let first = bytes.first else { return FuzzVerdict() }
        let mark = Array("\n----\n".utf8)
        let body = bytes.dropFirst()
        let place = body.indices.first { body[$0...].starts(with: mark) }
        let template = String(decoding: body[..<(place ?? body.endIndex)], as: UTF8.self)
        let json = place.map { body[($0 + mark.count)...] } ?? sampleAlert[...]
        let alert = StoredAlert(number: 1, json: String(decoding: json, as: UTF8.self))
        let isJSON = first % 2 == 0
        let text = TemplateFuzz.text(template, of: alert, isJSON: isJSON)
        if text != TemplateFuzz.text(template, of: alert, isJSON: isJSON) {
            return .failed("another text at the second time")
        }
        var verdict = FuzzVerdict()
        verdict.reached(text == nil ? "refused" : "text")
        verdict.reached("bytes", text?.utf8.count ?? 0)
        verdict.reached("tags", template.split(separator: "{{").count)
        return verdict
    }

    private static let sampleAlert = Array(
        """
        {"id":"00","rule":"r","severity":"high","tags":["T1110","b"],"labels":{"team":"a"},\
        "key":{"user":"ann"},"title":"a \\"sample\\"","fields":{"n":5,"l":[1,[2]]},\
        "events":{"_1":[{"type":"login","x":{"y":[{"z":1}]}}]}}
        """.utf8)
}
