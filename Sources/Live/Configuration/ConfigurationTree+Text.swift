// SPDX-License-Identifier: Apache-2.0
// Exercised by EffectiveConfigurationTests.

internal import Connectors
internal import Yams

extension ConfigurationTree {
    /// As `martlet run` would read it, but for the secrets.
    package var yaml: String {
        // Nodes that are made of texts alone can always be written.
        (try? Yams.serialize(node: node, width: -1, allowUnicode: true)) ?? ""
    }

    package var json: String {
        var json = JSONWriter()
        append(to: &json)
        return String(decoding: json.bytes, as: UTF8.self) + "\n"
    }

    private var node: Node {
        switch self {
        case .text(let text, let isWord):
            // What is read again puts variables in.
            let escaped = text.replacing("$", with: "$$")
            let style: Node.Scalar.Style =
                text.contains("\n") ? .literal : isWord || isPlain(text) ? .any : .doubleQuoted
            return Node(escaped, .implicit, style)
        case .integer(let number): return Node("\(number)")
        case .boolean(let flag): return Node(flag ? "true" : "false")
        case .list(let elements): return .sequence(Node.Sequence(elements.map(\.node)))
        case .mapping(let members):
            let style: Node.Mapping.Style = members.isEmpty ? .flow : .block
            return .mapping(
                Node.Mapping(members.map { (Node($0.name), $0.value.node) }, .implicit, style))
        }
    }

    /// Whether nobody takes a text without quotes for anything else.
    private func isPlain(_ text: String) -> Bool {
        let others = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
        guard let first = text.first, first == "/" || first.isASCII && first.isLetter else {
            return false
        }
        return !others.contains(text.lowercased())
    }

    private func append(to json: inout JSONWriter) {
        switch self {
        case .text(let text, _): json.string(text)
        case .integer(let number): json.int(Int64(number))
        case .boolean(let flag): json.bool(flag)
        case .list(let elements):
            json.beginArray()
            for element in elements { element.append(to: &json) }
            json.endArray()
        case .mapping(let members):
            json.beginObject()
            for member in members {
                json.key(member.name)
                member.value.append(to: &json)
            }
            json.endObject()
        }
    }
}
