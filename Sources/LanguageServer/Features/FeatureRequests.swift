// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics

extension LanguageServerSession {
    /// Answers a request about a document.
    mutating func feature(_ method: String, _ params: JSON) throws(ResponseError) -> JSON {
        switch method {
        case "textDocument/formatting": return formatting(try document(params))
        case "textDocument/codeAction":
            let file = try document(params)
            return quickFixes(file, try analysis(file), params)
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

    private mutating func analysis(_ file: SourceFile) throws(ResponseError) -> Analysis {
        guard let analysis = workspace.analysis(of: file.name) else {
            throw ResponseError(.invalidParams, "`\(file.name)` is not open")
        }
        return analysis
    }
}
