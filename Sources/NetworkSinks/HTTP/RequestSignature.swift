// SPDX-License-Identifier: Apache-2.0
// Exercised by WebhookBodyTests.

internal import Crypto
internal import EventModel

/// Shows a receiver that a request came from here and is not an old one:
/// `t=SECONDS,v1=HEX`, with the HMAC-SHA256 of `SECONDS.BODY` under a key that both know.
struct RequestSignature {
    static let headerName = "Martlet-Signature"

    private let key: SymmetricKey

    init(secret: String) { key = SymmetricKey(data: Array(secret.utf8)) }

    func header(of body: [UInt8], at time: StreamTime) -> String {
        let seconds = time.nanoseconds / 1_000_000_000
        var message = HMAC<SHA256>(key: key)
        message.update(data: Array("\(seconds).".utf8))
        message.update(data: body)
        return "t=\(seconds),v1=\(RequestSignature.hexadecimal(Array(message.finalize())))"
    }

    /// A text that is the same for the same texts only.
    static func digest(of texts: [String]) -> String {
        hexadecimal(Array(SHA256.hash(data: Array(texts.joined(separator: "\n").utf8)).prefix(16)))
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
