// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Testing

@testable import LanguageServer

/// An editor for tests: opens documents, asks, and keeps what it is told.
final class Editor {
    private(set) var session: LanguageServerSession
    /// Everything that has come from the server.
    private(set) var received: [JSON] = []
    /// Files on disk, by path.
    let disk: [String: String]
    private var requests = 0

    /// - Parameters:
    ///   - files: what is on disk, by absolute path.
    ///   - folder: the folder of the workspace.
    init(
        files: [String: String] = [:], folder: String? = nil, encodings: [String] = [],
        options: JSON = .null, snippets: Bool = false
    ) {
        disk = files
        let machine = RulesFiles(
            files: { path in
                files.filter { name, _ in
                    name == path || name.hasPrefix(path + "/") && name.hasSuffix(".martlet")
                }.map { SourceFile(name: $0.key, text: $0.value) }
                    .sorted { $0.name < $1.name }
            },
            isFolder: { path in files.keys.contains { $0.hasPrefix(path + "/") } },
            table: { _ in .failure(TableFileProblem(reason: "no tables here")) },
            today: { nil })
        session = LanguageServerSession(machine, version: "1.2.3")
        initializeAnswer = .null
        let capabilities: JSON = [
            "general": ["positionEncodings": .array(encodings.map(JSON.string))],
            "textDocument": [
                "publishDiagnostics": ["relatedInformation": true],
                "completion": ["completionItem": ["snippetSupport": .bool(snippets)]],
            ],
        ]
        initializeAnswer = ask(
            "initialize",
            [
                "capabilities": capabilities, "initializationOptions": options,
                "workspaceFolders": folder.map { [["uri": .string(DocumentURI.uri($0))]] } ?? .null,
            ])
        tell("initialized", [:])
    }

    private(set) var initializeAnswer: JSON

    // MARK: messages

    /// Sends a request and gives its whole answer.
    func ask(_ method: String, _ params: JSON) -> JSON {
        requests += 1
        let id = JSON.int(requests)
        let out = session.receive([.message(JSON.request(id, method, params).bytes)])
        received += out
        return out.first { $0["id"] == id } ?? .null
    }

    func tell(_ method: String, _ params: JSON) {
        received += session.receive([.message(JSON.notification(method, params).bytes)])
    }

    func idle() { received += session.idle() }

    // MARK: documents

    /// Opens a document and gives its diagnostics.
    @discardableResult func open(_ path: String, _ text: String) -> [JSON] {
        tell(
            "textDocument/didOpen",
            [
                "textDocument": [
                    "uri": .string(DocumentURI.uri(path)), "languageId": "martlet", "version": 1,
                    "text": .string(text),
                ]
            ])
        return diagnostics(path)
    }

    @discardableResult func change(_ path: String, _ changes: [JSON], version: Int = 2) -> [JSON] {
        tell(
            "textDocument/didChange",
            [
                "textDocument": ["uri": .string(DocumentURI.uri(path)), "version": .int(version)],
                "contentChanges": .array(changes),
            ])
        return diagnostics(path)
    }

    /// What the server said of a file last.
    func diagnostics(_ path: String) -> [JSON] {
        idle()
        let uri = JSON.string(DocumentURI.uri(path))
        let last = received.last {
            $0["method"] == "textDocument/publishDiagnostics" && $0["params"]["uri"] == uri
        }
        return last?["params"]["diagnostics"].array ?? []
    }

    func text(_ path: String) -> String {
        let bytes = session.workspace.documents[path]?.file.bytes ?? []
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A request about the place `|` of an opened document's text.
    func ask(_ method: String, _ path: String, at position: Position, _ more: JSON = [:]) -> JSON {
        var params: [JSON.Member] = [
            .init("textDocument", ["uri": .string(DocumentURI.uri(path))]),
            .init("position", position.json),
        ]
        if case .object(let members) = more { params += members }
        return ask(method, .object(params))
    }
}

/// A text with a mark `|` where the cursor is: the text without it, and the position.
func marked(_ text: String) -> (text: String, position: Position) {
    let parts = text.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
    let before = String(parts[0])
    let places = DocumentPlaces(Array(before.utf8), .utf16)
    return (before + (parts.count > 1 ? parts[1] : ""), places.position(before.utf8.count))
}

/// `text` with edits applied, which must not overlap.
func applied(_ edits: [JSON], to text: String) -> String {
    let bytes = Array(text.utf8)
    let places = DocumentPlaces(bytes, .utf16)
    let ordered = edits.compactMap { edit in
        places.offsets(edit["range"]).map { ($0, Array((edit["newText"].string ?? "").utf8)) }
    }.sorted { $0.0.lowerBound > $1.0.lowerBound }
    var result = bytes
    for (range, new) in ordered { result.replaceSubrange(range, with: new) }
    return String(decoding: result, as: UTF8.self)
}
