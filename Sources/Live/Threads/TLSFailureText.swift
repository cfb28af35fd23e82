// SPDX-License-Identifier: Apache-2.0
// Exercised by TLSFailureTextTests.

/// Why a connection could not be encrypted, in the words of people.
package enum TLSFailureText {
    /// By what the library names a failure.
    private static let reasons = [
        "CERTIFICATE_VERIFY_FAILED": "CERTIFICATE is not trusted",
        "PEER_DID_NOT_RETURN_A_CERTIFICATE": "no certificate was shown",
        "WRONG_VERSION_NUMBER": "the other side does not speak TLS",
        "HTTP_REQUEST": "the other side speaks HTTP without TLS",
        "UNSUPPORTED_PROTOCOL": "the other side speaks an old version of TLS only",
        "TLSV1_ALERT_UNKNOWN_CA": "the other side does not trust the certificate",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "the other side does not trust the certificate",
        "SSLV3_ALERT_BAD_CERTIFICATE": "the other side does not trust the certificate",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED": "the other side finds the certificate too old",
        "TLSV1_ALERT_CERTIFICATE_REQUIRED": "the other side wants a certificate",
        "TLSV13_ALERT_CERTIFICATE_REQUIRED": "the other side wants a certificate",
    ]

    /// - Parameters:
    ///   - description: of the error, as the library gives it: with places in its own sources.
    ///   - certificate: whose certificate is meant where it is not trusted.
    package static func reason(_ description: String, of certificate: String) -> String {
        if description.contains("failedToValidateHostname") {
            return "\(certificate) is of another name"
        }
        if description.contains("uncleanShutdown") || description.contains("eofDuringHandshake") {
            return "it was cut off before it was encrypted"
        }
        guard let mark = description.firstRange(of: "OPENSSL_internal:") else {
            return description
        }
        let name = description[mark.upperBound...].prefix {
            $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber)
        }
        let known = reasons[String(name)] ?? name.lowercased().replacing("_", with: " ")
        return known.replacing("CERTIFICATE", with: certificate)
    }
}
