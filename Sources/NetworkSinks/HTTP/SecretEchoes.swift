// SPDX-License-Identifier: Apache-2.0
// Exercised by SecretEchoesTests.

internal import Live

/// The secrets of a receiver, which it may repeat in what it answers: many servers name the path
/// that they do not know, and that of a webhook lets in whoever has it.
struct SecretEchoes: Sendable {
    /// A shorter text is no secret, and hiding it would hide words.
    private static let leastByteCount = 4
    /// The same of a word of a header, which may be `true`.
    private static let leastWordByteCount = 8
    /// A part of a path or a query that is as long is a secret by itself.
    private static let leastPartByteCount = 12

    /// The longest first.
    private let texts: [String]

    /// - Parameter others: what else is secret, as a whole.
    init(url: String, _ headers: [WebhookOptions.Header], others: [String] = []) {
        var texts = others
        let separators = "/?&=#@:"
        let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        let place = rest.drop { $0 != "/" && $0 != "?" }
        if let end = rest.prefix(upTo: place.startIndex).lastIndex(of: "@") {
            let login = rest[..<end]
            texts += [String(login)] + login.split(separator: ":").map(String.init)
        }
        // Some write a slash with a backslash before it in JSON.
        texts += [String(place), String(place.replacing("/", with: "\\/"))]
        texts += place.split { separators.contains($0) }.map(String.init)
            .filter { $0.utf8.count >= SecretEchoes.leastPartByteCount }
        for header in headers {
            texts += ([header.value] + header.value.split(separator: " ").map(String.init))
                .filter { $0.utf8.count >= SecretEchoes.leastWordByteCount }
        }
        self.texts = texts.filter { $0.utf8.count >= SecretEchoes.leastByteCount }
            .sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
    }

    /// A text with `***` in the place of each secret, also of one that its end has cut off.
    func hidden(in text: String) -> String {
        var result = text
        for secret in texts { result = result.replacing(secret, with: "***") }
        guard text.utf8.count >= HTTPSender.textCap else { return result }
        for secret in texts {
            var beginning = secret.dropLast()
            while beginning.utf8.count >= SecretEchoes.leastByteCount {
                if result.hasSuffix(beginning) {
                    return result.dropLast(beginning.count) + "***"
                }
                beginning = beginning.dropLast()
            }
        }
        return result
    }
}
