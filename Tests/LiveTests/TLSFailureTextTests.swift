// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Live

@Suite struct TLSFailureTextTests {
    @Test(arguments: [
        (
            "handshakeFailed(NIOSSL.BoringSSLError.sslError([Error: 268435581 error:1000007d:SSL "
                + "routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at /a/handshake.cc:320]))",
            "its certificate is not trusted"
        ),
        ("x:OPENSSL_internal:SSLV3_ALERT_SOME_NEWS at /a.cc:1]", "sslv3 alert some news"),
        ("NIOSSLExtraError.failedToValidateHostname: no", "its certificate is of another name"),
        (
            "handshakeFailed(NIOSSL.BoringSSLError.eofDuringHandshake)",
            "it was cut off before it was encrypted"
        ),
        ("something else", "something else"),
    ])
    func aFailureIsToldInWords(description: String, reason: String) {
        #expect(TLSFailureText.reason(description, of: "its certificate") == reason)
    }
}
