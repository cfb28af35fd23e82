// SPDX-License-Identifier: Apache-2.0

/// What `initialize` tells of the editor.
struct Client {
    private(set) var encoding = PositionEncoding.utf16
    private(set) var watchesFiles = false
    private(set) var showsRelated = false
    private(set) var takesSnippets = false
    /// Paths below each folder of the workspace; empty: as found.
    private(set) var rulesets: [String] = []
    /// Where the pages of diagnostics are, without the slash at its end.
    private(set) var documentation: String?

    init() {}

    init(_ params: JSON) {
        let capabilities = params["capabilities"]
        let encodings = capabilities["general"]["positionEncodings"].array ?? []
        // UTF-8 costs nothing to count, so it is taken wherever it is offered.
        if encodings.contains("utf-8") { encoding = .utf8 }
        let workspace = capabilities["workspace"]
        watchesFiles = workspace["didChangeWatchedFiles"]["dynamicRegistration"].bool ?? false
        let diagnostics = capabilities["textDocument"]["publishDiagnostics"]
        showsRelated = diagnostics["relatedInformation"].bool ?? false
        let completion = capabilities["textDocument"]["completion"]["completionItem"]
        takesSnippets = completion["snippetSupport"].bool ?? false
        let options = params["initializationOptions"]
        rulesets = (options["rulesets"].array ?? []).compactMap(\.string)
        documentation = options["documentation"].string.map {
            $0.hasSuffix("/") ? String($0.dropLast()) : $0
        }
    }

    var serverCapabilities: JSON {
        [
            "positionEncoding": .string(encoding.rawValue),
            "textDocumentSync": [
                "openClose": true, "change": 2, "save": ["includeText": false],
            ],
            "completionProvider": ["triggerCharacters": [".", "\"", "{"]],
            "hoverProvider": true,
            "definitionProvider": true,
            "referencesProvider": true,
            "documentHighlightProvider": true,
            "documentSymbolProvider": true,
            "workspaceSymbolProvider": true,
            "semanticTokensProvider": ["legend": SemanticTokens.legend, "full": true],
            "renameProvider": ["prepareProvider": true],
            "documentFormattingProvider": true,
            "documentRangeFormattingProvider": true,
            "signatureHelpProvider": ["triggerCharacters": ["(", ","]],
            "codeActionProvider": ["codeActionKinds": ["quickfix"]],
            "workspace": [
                "workspaceFolders": ["supported": true, "changeNotifications": true]
            ],
        ]
    }

    func renderer(_ workspace: Workspace) -> DiagnosticMessages {
        DiagnosticMessages(client: self, workspace: workspace)
    }
}
