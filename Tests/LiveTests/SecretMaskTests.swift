// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Live

@Suite struct SecretMaskTests {
    @Test(arguments: [
        ("rules: url", "rules: url"),
        ("token: abc", "token: ***"),
        ("  url: http://a/b?c,d # e", "  url: ************** * *"),
        ("a: { type: x, token: abc, path: p }", "a: { type: x, token: ***, path: p }"),
        ("a: {token: \"b, \\\"c}\", path: p}", "a: {token: *** *****, path: p}"),
        ("a: { headers: { X: y, Z: w }, path: p }", "a: { headers: * ** ** ** * }, path: p }"),
        ("'token' : 'abc'", "'token' : *****"),
        ("token_file: /t\nmy_token: a", "token_file: /t\nmy_token: a"),
        ("password: |\n  abc\n\n  d e\nuser: u", "password: *\n  ***\n\n  * *\nuser: u"),
        (
            "headers:\n  Authorization: Bearer x\n  B: y\nurl:\n  http://a\npath: b",
            "headers:\n  Authorization: ****** *\n  B: *\nurl:\n  ********\npath: b"
        ),
        ("token: [", "token: *"), ("token", "token"), ("token:", "token:"),
    ])
    func onlySecretsAreCovered(text: String, masked: String) {
        #expect(String(decoding: SecretMask.mask(Array(text.utf8)), as: UTF8.self) == masked)
    }
}
