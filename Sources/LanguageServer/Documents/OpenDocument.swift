// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics

/// A text as an editor holds it, which counts instead of the file of its name.
struct OpenDocument {
    /// As the editor writes it.
    let uri: String
    private(set) var version: Int?
    private(set) var file: SourceFile

    init(uri: String, version: Int?, text: String) {
        self.uri = uri
        self.version = version
        file = SourceFile(name: DocumentURI.name(uri), text: text)
    }

    /// Applies the changes of one notification in order.
    ///
    /// - Returns: whether all of them could be read.
    mutating func change(_ changes: [JSON], version: Int?, _ encoding: PositionEncoding) -> Bool {
        var bytes = file.bytes
        var isWhole = true
        for change in changes {
            guard let text = change["text"].string else {
                isWhole = false
                continue
            }
            if change["range"].isNull {
                bytes = Array(text.utf8)
            } else if let range = DocumentPlaces(bytes, encoding).offsets(change["range"]) {
                bytes.replaceSubrange(range, with: text.utf8)
            } else {
                isWhole = false
            }
        }
        file = SourceFile(name: file.name, bytes: bytes)
        self.version = version ?? self.version
        return isWhole
    }
}
