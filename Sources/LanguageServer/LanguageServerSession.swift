// SPDX-License-Identifier: Apache-2.0

/// One editor's session, from `initialize` to `exit`: messages in, messages out.
///
/// It reads no clock and no file but by `RulesFiles`, so that a session can be played again.
package struct LanguageServerSession {
    enum Phase { case new, running, shutDown }

    private(set) var phase = Phase.new
    var workspace: Workspace
    var client = Client()
    private let version: String
    /// Rulesets that the command line names.
    private let paths: [String]
    private var requestCount = 0
    /// What the editor was told of each file last.
    private var published: [String: JSON] = [:]
    /// Set by `exit`: what to leave with.
    package private(set) var exitCode: Int32?

    /// - Parameters:
    ///   - paths: rulesets, by absolute paths; none: those of the workspace.
    package init(_ machine: RulesFiles, version: String, rulesets paths: [String] = []) {
        workspace = Workspace(machine)
        self.version = version
        self.paths = paths
    }

    /// Takes what has come in since the last time, in order, and gives the answers.
    package mutating func receive(_ items: [MessageReader.Item]) -> [JSON] {
        var messages: [Message] = []
        var out: [JSON] = []
        for item in items {
            switch item {
            case .message(let bytes):
                do throws(JSONError) {
                    messages.append(Message(try JSON(parsing: bytes)))
                } catch {
                    let failure = ResponseError(.parseError, "\(error.reason) at \(error.offset)")
                    out.append(.response(.null, failing: failure))
                }
            case .badHeader:
                let failure = ResponseError(.parseError, "a header without a length")
                out.append(.response(.null, failing: failure))
            case .lost: exitCode = 1
            }
        }
        var cancelled: Set<JSON> = []
        for case .notification("$/cancelRequest", let params) in messages {
            cancelled.insert(params["id"])
        }
        for message in messages where exitCode == nil {
            out += receive(message, cancelled: cancelled)
        }
        return out
    }

    /// What there is to say when nothing is waiting: diagnostics of what has changed.
    package mutating func idle() -> [JSON] {
        guard phase == .running else { return [] }
        var out: [JSON] = []
        for (name, diagnostics) in workspace.unshown() {
            let messages = client.renderer(workspace).diagnostics(diagnostics)
            let params: JSON = [
                "uri": .string(workspace.uri(name)),
                "version": workspace.documents[name]?.version.map(JSON.int) ?? .null,
                "diagnostics": .array(messages),
            ]
            // One change may concern a hundred files of a ruleset, and seldom does.
            if published[name] == params { continue }
            published[name] = messages.isEmpty && workspace.documents[name] == nil ? nil : params
            out.append(.notification("textDocument/publishDiagnostics", params.withoutNulls))
        }
        return out
    }

    private mutating func receive(_ message: Message, cancelled: Set<JSON>) -> [JSON] {
        switch message {
        case .response: return []
        case .invalid(let id):
            return [.response(id, failing: .init(.invalidRequest, "no message of JSON-RPC"))]
        case .notification(let method, let params): return take(method, params)
        case .request(let id, let method, let params):
            if cancelled.contains(id) {
                return [.response(id, failing: .init(.requestCancelled, "cancelled"))]
            }
            do throws(ResponseError) {
                return [.response(id, try answer(method, params))]
            } catch {
                return [.response(id, failing: error)]
            }
        }
    }

    // MARK: notifications

    private mutating func take(_ method: String, _ params: JSON) -> [JSON] {
        if method == "exit" {
            exitCode = phase == .shutDown ? 0 : 1
            return []
        }
        guard phase == .running else { return [] }
        let document = params["textDocument"]
        let name = document["uri"].string.map(DocumentURI.name)
        switch method {
        case "initialized": return registrations()
        case "textDocument/didOpen":
            guard let uri = document["uri"].string, let text = document["text"].string else {
                return [LanguageServerSession.complaint("a document without a text")]
            }
            workspace.open(
                OpenDocument(uri: uri, version: document["version"].int, text: text))
        case "textDocument/didChange":
            let isWhole =
                name.map {
                    workspace.change(
                        $0, params["contentChanges"].array ?? [],
                        version: document["version"].int, client.encoding)
                } ?? false
            if !isWhole {
                return [LanguageServerSession.complaint("a change that can't be applied")]
            }
        case "textDocument/didClose": if let name { workspace.close(name) }
        case "textDocument/didSave", "workspace/didChangeWatchedFiles": workspace.readAgain()
        case "workspace/didChangeWorkspaceFolders":
            for folder in LanguageServerSession.folders(params["event"]["removed"]) {
                workspace.remove(folder: folder)
            }
            for folder in LanguageServerSession.folders(params["event"]["added"]) {
                workspace.add(folder: folder, rulesets: client.rulesets)
            }
        default: break
        }
        return []
    }

    private static func complaint(_ text: String) -> JSON {
        .notification("window/logMessage", ["type": 1, "message": .string("martlet: " + text)])
    }

    static func folders(_ json: JSON) -> [String] {
        (json.array ?? []).compactMap { $0["uri"].string.map(DocumentURI.name) }
    }

    /// Asks the editor to say when files change, where it can.
    private mutating func registrations() -> [JSON] {
        guard client.watchesFiles else { return [] }
        requestCount += 1
        let watchers: [JSON] = ["**/*.martlet", "**/*.csv", "**/*.jsonl", "**/*.json", "**/*.txt"]
            .map { ["globPattern": .string($0)] }
        let registration: JSON = [
            "id": "files", "method": "workspace/didChangeWatchedFiles",
            "registerOptions": ["watchers": .array(watchers)],
        ]
        return [
            .request(
                .string("martlet-\(requestCount)"), "client/registerCapability",
                ["registrations": [registration]])
        ]
    }

    // MARK: requests

    private mutating func answer(_ method: String, _ params: JSON) throws(ResponseError) -> JSON {
        switch (phase, method) {
        case (.new, "initialize"): return initialize(params)
        case (.new, _): throw ResponseError(.notInitialized, "`initialize` comes first")
        case (.shutDown, _): throw ResponseError(.invalidRequest, "the server is shut down")
        case (.running, "initialize"):
            throw ResponseError(.invalidRequest, "the server is initialized already")
        case (.running, "shutdown"):
            phase = .shutDown
            return .null
        case (.running, _): return try feature(method, params)
        }
    }

    private mutating func initialize(_ params: JSON) -> JSON {
        phase = .running
        client = Client(params)
        var folders = LanguageServerSession.folders(params["workspaceFolders"])
        if folders.isEmpty {
            let root = params["rootUri"].string.map(DocumentURI.name) ?? params["rootPath"].string
            folders = root.map { [$0] } ?? []
        }
        if paths.isEmpty {
            for folder in folders { workspace.add(folder: folder, rulesets: client.rulesets) }
        } else {
            workspace.add(folder: "/", rulesets: paths)
        }
        return [
            "capabilities": client.serverCapabilities,
            "serverInfo": ["name": "martlet", "version": .string(version)],
        ]
    }
}
