// SPDX-License-Identifier: Apache-2.0
// Exercised by AdminRequestTests.

/// A request with its path and query taken apart; what is not plain is refused, not interpreted.
struct AdminRequest: Sendable {
    static let pathByteCap = 2048
    static let queryItemCap = 32

    /// The decoded parts of the path between its slashes; none for `/`.
    let path: [String]
    private let query: [(name: String, value: String)]
    /// What the path has in the places that its route names.
    var places: [String: String] = [:]
    /// What was sent, where the route takes anything.
    var body: [UInt8] = []

    /// Nil: it has dots, empty parts, wrong escapes or control characters, or is too long.
    init?(target: String) {
        guard target.utf8.count <= AdminRequest.pathByteCap, target.utf8.first == 0x2f else {
            return nil
        }
        let parts = target.utf8.split(
            separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = AdminRequest.path(parts[0]),
            let query = AdminRequest.query(parts.count > 1 ? parts[1] : "".utf8[...])
        else { return nil }
        self.path = path
        self.query = query
    }

    /// The first value of a name in the query.
    func value(_ name: String) -> String? { query.first { $0.name == name }?.value }

    func values(_ name: String) -> [String] { query.filter { $0.name == name }.map(\.value) }

    /// The names in the query, in their order.
    var names: [String] { query.map(\.name) }

    private static func path(_ text: Substring.UTF8View.SubSequence) -> [String]? {
        let parts = text.dropFirst().split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if parts.count == 1, parts[0].isEmpty { return [] }
        var path: [String] = []
        for part in parts {
            guard let decoded = decode(part), !decoded.isEmpty, decoded != ".", decoded != ".."
            else { return nil }
            path.append(decoded)
        }
        return path
    }

    private static func query(
        _ text: Substring.UTF8View.SubSequence
    ) -> [(name: String, value: String)]? {
        var query: [(name: String, value: String)] = []
        for item in text.split(separator: UInt8(ascii: "&")) {
            let sides = item.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard query.count < queryItemCap, let name = decode(sides[0], spaces: true),
                let value = decode(
                    sides.count > 1 ? sides[1] : item.dropFirst(item.count), spaces: true)
            else { return nil }
            query.append((name, value))
        }
        return query
    }

    /// Text without its escapes; nil: they are wrong, or stand for no text.
    private static func decode(
        _ text: Substring.UTF8View.SubSequence, spaces: Bool = false
    ) -> String? {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit),
                    let low = rest.popFirst().flatMap(digit)
                else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where spaces: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
