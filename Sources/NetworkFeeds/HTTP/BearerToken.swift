// SPDX-License-Identifier: Apache-2.0
// Exercised by BearerTokenTests.

internal import Crypto
internal import Live

/// What a caller has to know. Only its digest is kept, and comparing takes the same time wherever
/// the texts differ.
struct BearerToken: Sendable {
    private let digest: SHA256.Digest

    init(_ text: some StringProtocol) { digest = SHA256.hash(data: Array(text.utf8)) }

    /// - Throws: what reading its file does; `unusable` where that is empty.
    init(_ token: HTTPFeedOptions.Token) throws(StateError) {
        switch token {
        case .text(let text): self.init(text)
        case .file(let path):
            let text = String(decoding: try SystemDisk().read(path), as: UTF8.self)
            let words = text.split(whereSeparator: \.isWhitespace)
            guard words.count == 1 else {
                throw .unusable(path: path, reason: "it is not one token")
            }
            self.init(words[0])
        }
    }

    /// Whether the value of an `Authorization` field has it.
    func isIn(_ authorization: String?) -> Bool {
        guard let authorization, let space = authorization.firstIndex(of: " "),
            authorization[..<space].lowercased() == "bearer"
        else { return false }
        let given = authorization[space...].drop { $0 == " " }
        return SHA256.hash(data: Array(given.utf8)) == digest
    }
}
