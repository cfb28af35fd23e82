// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics

/// Places of the protocol in several files, whose lines are counted once each.
struct Locator {
    private let workspace: Workspace
    private let encoding: PositionEncoding
    private var known: [ObjectIdentifier: DocumentPlaces] = [:]

    init(_ workspace: Workspace, _ encoding: PositionEncoding) {
        self.workspace = workspace
        self.encoding = encoding
    }

    /// The place of bytes in a file, open or not, with the file's URI.
    mutating func location(_ span: SourceSpan) -> JSON {
        ["uri": .string(workspace.uri(span.file.name)), "range": range(span)]
    }

    mutating func range(_ span: SourceSpan) -> JSON {
        let file = ObjectIdentifier(span.file)
        if let places = known[file] { return places.range(span.range) }
        let places = DocumentPlaces(span.file.bytes, encoding)
        known[file] = places
        return places.range(span.range)
    }
}
