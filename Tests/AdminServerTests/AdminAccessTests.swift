// SPDX-License-Identifier: Apache-2.0

import Live
import Testing

@testable import AdminServer

@Suite struct AdminAccessTests {
    private static let token = "0123456789abcdef"

    private func status(
        _ need: AdminAccess.Need, listen: String = "127.0.0.1:1", configured: Bool = true,
        authority: String? = "localhost:1", _ authorization: String? = nil
    ) throws -> Int? {
        let address = try #require(ListenAddress(listen))
        return AdminAccess(listen: address, token: configured ? Self.token : nil)
            .refusal(need, authority: authority, authorization: authorization)?.status
    }

    @Test func onTheMachineEverybodyMayLook() throws {
        #expect(try status(.nothing) == nil)
        #expect(try status(.look) == nil)
        #expect(try status(.look, configured: false) == nil)
    }

    @Test func whoeverChangesSomethingShowsTheToken() throws {
        #expect(try status(.change) == 401)
        #expect(try status(.change, "Bearer \(Self.token)") == nil)
        #expect(try status(.change, "bearer   \(Self.token)") == nil)
        #expect(try status(.change, configured: false) == 403)
        #expect(try status(.change, configured: false, "Bearer \(Self.token)") == 401)
    }

    @Test(arguments: [
        "", "Bearer", "Bearer ", "Basic \(Self.token)", "Bearer \(Self.token)x",
        "Bearer \(Self.token.dropLast())", "Bearer \(Self.token) ", Self.token,
    ])
    func aWrongTokenIsRefusedEverywhere(authorization: String) throws {
        for need in [AdminAccess.Need.nothing, .look, .change] {
            #expect(try status(need, authorization) == 401)
        }
    }

    @Test func beyondTheMachineOnlyWhatTellsNothingIsFree() throws {
        #expect(try status(.nothing, listen: "0.0.0.0:1", authority: "any.example") == nil)
        #expect(try status(.look, listen: "0.0.0.0:1") == 401)
        #expect(try status(.look, listen: "10.0.0.1:1", "Bearer \(Self.token)") == nil)
    }

    @Test(
        arguments: [
            ("localhost", nil), ("LOCALHOST:99", nil), ("127.0.0.1:80", nil), ("127.1.2.3", nil),
            ("[::1]:9464", nil), ("[::1]", nil), ("evil.example", 421),
            ("localhost.evil.example", 421),
            ("127.0.0.1.evil.example:9464", 421), ("", 421), ("10.0.0.1", 421), ("[::2]:1", 421),
            ("localhost:80:80", 421),
        ] as [(String, Int?)])
    func aNameOnTheMachineIsItsOwn(authority: String, refusal: Int?) throws {
        #expect(try status(.look, authority: authority) == refusal)
        #expect(try status(.look, authority: authority, "Bearer \(Self.token)") == nil)
    }
}
