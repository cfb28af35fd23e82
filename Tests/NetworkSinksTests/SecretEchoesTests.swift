// SPDX-License-Identifier: Apache-2.0

import Live
import Testing

@testable import NetworkSinks

@Suite struct SecretEchoesTests {
    private let echoes = SecretEchoes(
        url: "https://ann:pass-word@hooks.example/services/T000/KKKKKKKKKKKK?key=abc123",
        [.init("Authorization", "Bearer s3cret-token"), .init("X-Debug", "true")],
        others: ["routing"])

    @Test(arguments: [
        ("no such hook", "no such hook"),
        ("Cannot POST /services/T000/KKKKKKKKKKKK?key=abc123", "Cannot POST ***"),
        (#"{"path":"\/services\/T000\/KKKKKKKKKKKK?key=abc123"}"#, #"{"path":"***"}"#),
        ("no hook KKKKKKKKKKKK here", "no hook *** here"),
        ("s3cret-token is not Bearer s3cret-token", "*** is not ***"),
        ("ann:pass-word, pass-word, routing: true", "***, ***, ***: true"),
        ("services at T000 are down", "services at T000 are down"),
    ])
    func whatAnAnswerRepeatsIsHidden(text: String, hidden: String) {
        #expect(echoes.hidden(in: text) == hidden)
    }

    @Test func aSecretThatTheEndCutsOffIsHiddenToo() {
        let filler = String(repeating: "x", count: HTTPSender.textCap - 9)
        #expect(echoes.hidden(in: "\(filler)/services") == "\(filler)***")
        // Of a text that is whole nothing is cut off.
        #expect(echoes.hidden(in: "/services") == "/services")
    }
}
