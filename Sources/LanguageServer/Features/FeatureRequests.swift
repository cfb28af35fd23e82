// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import RuleLanguage

extension LanguageServerSession {
    /// Answers a request about a document.
    mutating func feature(_ method: String, _ params: JSON) throws(ResponseError) -> JSON {
        switch method {
        case "textDocument/formatting": return formatting(try document(params))
        case "textDocument/rangeFormatting":
            return rangeFormatting(try document(params), params["range"])
        case "textDocument/signatureHelp":
            return SignatureHelp(try place(params))?.json ?? .null
        case "textDocument/codeAction":
            let file = try document(params)
            return quickFixes(file, try analysis(file), params)
        case "textDocument/documentSymbol": return try outline(params)
        case "workspace/symbol": return symbols(params["query"].string ?? "")
        case "textDocument/completion":
            return Completion.json(try place(params), takesSnippets: client.takesSnippets)
        case "textDocument/semanticTokens/full":
            let file = try document(params)
            let analysis = try analysis(file)
            guard let tree = analysis.tree(file.name)?.tree else { return .null }
            return SemanticTokens(tree, analysis.check.index, client.encoding).json
        case "textDocument/hover": return try place(params).hover
        case "textDocument/definition": return .array(try place(params).definitions)
        case "textDocument/references":
            let withDeclarations = params["context"]["includeDeclaration"].bool ?? false
            return .array(try place(params).references(withDeclarations: withDeclarations))
        case "textDocument/documentHighlight": return .array(try place(params).highlights)
        case "textDocument/prepareRename": return try Renaming(try place(params)).preparation
        case "textDocument/rename":
            let name = params["newName"].string ?? ""
            return try Renaming(try place(params)).edits(to: name)
        default: throw ResponseError(.methodNotFound, "there is no method `\(method)`")
        }
    }

    /// The document that a request is about.
    private func document(_ params: JSON) throws(ResponseError) -> SourceFile {
        guard let uri = params["textDocument"]["uri"].string else {
            throw ResponseError(.invalidParams, "no document is named")
        }
        guard let document = workspace.documents[DocumentURI.name(uri)] else {
            throw ResponseError(.invalidParams, "`\(uri)` is not open")
        }
        return document.file
    }

    /// The place in a document that a request is about.
    private mutating func place(_ params: JSON) throws(ResponseError) -> Place {
        let file = try document(params)
        guard let position = Position(params["position"]) else {
            throw ResponseError(.invalidParams, "no position is named")
        }
        let places = DocumentPlaces(file.bytes, client.encoding)
        return Place(
            file: file, offset: places.offset(position), places: places,
            analysis: try analysis(file), workspace: workspace)
    }

    private mutating func outline(_ params: JSON) throws(ResponseError) -> JSON {
        let file = try document(params)
        guard let tree = try analysis(file).tree(file.name) else { return [] }
        return Outline(tree.tree, client.encoding).json
    }

    private mutating func symbols(_ query: String) -> JSON {
        let analyses = workspace.analyses()
        let found = analyses.flatMap { analysis in
            analysis.trees.flatMap {
                Outline($0.tree, client.encoding).symbols(
                    query, uri: workspace.uri($0.tree.file.name))
            }
        }
        return .array(Array(found.prefix(Outline.symbolCap)))
    }

    private mutating func analysis(_ file: SourceFile) throws(ResponseError) -> Analysis {
        guard let analysis = workspace.analysis(of: file.name) else {
            throw ResponseError(.invalidParams, "`\(file.name)` is not open")
        }
        return analysis
    }
}
