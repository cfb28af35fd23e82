// SPDX-License-Identifier: Apache-2.0
// Exercised by AdminAccessTests.

internal import Live
internal import Reporting

/// Who may do what.
///
/// On the machine itself everybody may look, and who shows the token may change something; beyond
/// it the token is asked for whatever tells of rules or events.
struct AdminAccess: Sendable {
    /// What a route gives away.
    enum Need: String, Sendable {
        /// Nothing about rules or events.
        case nothing
        case look
        case change
    }

    private let digest: [UInt8]?
    private let isLoopback: Bool
    private let host: String

    init(listen: ListenAddress, token: String?) {
        digest = token.map { SHA256.digest(of: Array($0.utf8)) }
        isLoopback = listen.isLoopback
        host = listen.host.lowercased()
    }

    /// Nil: it may go on.
    ///
    /// - Parameters:
    ///   - authority: what the caller believes the server's name to be.
    ///   - authorization: the header field of that name.
    func refusal(
        _ need: Need, authority: String?, authorization: String?
    ) -> AdminAnswer? {
        let isKnown = authorization.map(isRight)
        if isKnown == true { return nil }
        // A page of another site can have its own name stand for this machine; its scripts then
        // could read what is here, if any name would do.
        if isLoopback, !isOwn(authority) {
            return .problem(
                421,
                "the server is asked by a name that is not its own: use `localhost` or its "
                    + "address, or show the token")
        }
        if isKnown == false {
            return .problem(401, "this is not the token", AdminAccess.challenge)
        }
        switch need {
        case .nothing: return nil
        case .look where isLoopback: return nil
        case .change where digest == nil:
            return .problem(
                403, "nothing can be changed here: configure `token` or `token_file` under `admin`")
        case .look, .change:
            return .problem(
                401, "show the token, as `Authorization: Bearer …`", AdminAccess.challenge)
        }
    }

    private static let challenge = [
        (name: "WWW-Authenticate", value: "Bearer realm=\"martlet\"")
    ]

    /// Compares digests, whose bytes tell nothing of how much of the token was right.
    private func isRight(_ authorization: String) -> Bool {
        let scheme = "bearer "
        guard let digest, authorization.prefix(scheme.count).lowercased() == scheme else {
            return false
        }
        let token = authorization.dropFirst(scheme.count).drop { $0 == " " }
        let other = SHA256.digest(of: Array(token.utf8))
        return zip(digest, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// Whether a server on the machine itself may go by a name.
    private func isOwn(_ authority: String?) -> Bool {
        guard let authority else { return false }
        var name = authority[...]
        if let colon = name.lastIndex(of: ":"),
            name[name.index(after: colon)...].allSatisfy({ $0.isASCII && $0.isNumber })
        {
            name = name[..<colon]
        }
        if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
        let plain = name.lowercased()
        return ListenAddress(host: plain, port: 0).isLoopback || plain == host
    }
}
