// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import AdminServer

@Suite struct AdminRequestTests {
    @Test func pathsAndQueriesAreTakenApart() throws {
        let request = try #require(
            AdminRequest(target: "/api/v1/rules/a%20b/attempts?key=x%26y&key=z+w&limit=5&empty"))
        #expect(request.path == ["api", "v1", "rules", "a b", "attempts"])
        #expect(request.values("key") == ["x&y", "z w"])
        #expect(request.value("limit") == "5")
        #expect(request.value("empty") == "")
        #expect(request.value("other") == nil)
        #expect(try #require(AdminRequest(target: "/")).path == [])
        #expect(try #require(AdminRequest(target: "/a+b?")).path == ["a+b"])
        #expect(try #require(AdminRequest(target: "/a%2Fb")).path == ["a/b"])
    }

    @Test(arguments: [
        "", "*", "a", "http://a/b", "//", "/a//b", "/a/", "/.", "/..", "/a/../b", "/%2e%2e",
        "/%2E/a", "/%", "/%1", "/%g0", "/%00", "/%0a", "/a%7f", "/%ff", "/%c3", "/a?b=%zz",
        "/a?%00=1", "/\(String(repeating: "a", count: 2048))",
        "/a?\((0..<33).map { "a=\($0)" }.joined(separator: "&"))",
    ])
    func whatIsNotPlainIsNone(target: String) { #expect(AdminRequest(target: target) == nil) }
}
