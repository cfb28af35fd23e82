// SPDX-License-Identifier: Apache-2.0

internal import RuleLanguage

/// What may be written at a cursor.
struct CompletionList {
    /// The kinds of the protocol that come near to those of the language.
    enum Kind: Int {
        case function = 3
        case field = 5
        case variable = 6
        case table = 9
        case value = 12
        case keyword = 14
        case rule = 18
        case constant = 21
        case event = 22
    }

    struct Item: Hashable {
        var label: String
        var kind: Kind
        var detail: String?
        var documentation: String?
        /// What is inserted, if it is not the label.
        var text: String?
        /// Whether `text` has places to go to, `$1`.
        var isSnippet = false
        /// What is meant most likely comes first: 0.
        var rank: Int
    }

    private(set) var items: [Item] = []
    private var labels: Set<String> = []

    /// Answers to one request.
    static let itemCap = 2_000

    mutating func add(_ item: Item) {
        guard labels.insert(item.label).inserted, items.count < CompletionList.itemCap else {
            return
        }
        items.append(item)
    }

    /// Drops all but these.
    mutating func keep(_ wanted: [String]) {
        items.removeAll { !wanted.contains($0.label) }
        labels = Set(items.map(\.label))
    }

    mutating func add(words: [String], rank: Int = 5) {
        for word in words where !word.isEmpty {
            add(Item(label: word, kind: .keyword, detail: nil, rank: rank))
        }
    }

    mutating func add(_ fields: [RulesetIndex.Field], rank: Int = 1) {
        for field in fields {
            add(
                Item(
                    label: field.name, kind: .field,
                    detail: "\(field.type)\(field.isOptional ? "?" : "")",
                    text: CompletionList.quoted(field.name), rank: rank))
        }
    }

    mutating func add(names: [String], _ kind: Kind, detail: String? = nil, rank: Int) {
        for name in names {
            add(
                Item(
                    label: name, kind: kind, detail: detail, text: CompletionList.quoted(name),
                    rank: rank))
        }
    }

    /// A name as it has to be written; nil where that is the name itself.
    static func quoted(_ name: String) -> String? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { Renaming.isIdentifier(String($0)) }
        return isPlain ? nil : "`\(name)`"
    }

    /// `textDocument/completion`
    func json(replacing range: JSON, takesSnippets: Bool) -> JSON {
        let sorted = items.sorted { ($0.rank, $0.label) < ($1.rank, $1.label) }
        let shown = sorted.map { item -> JSON in
            let isSnippet = item.isSnippet && takesSnippets
            let text = item.isSnippet && !takesSnippets ? item.label : item.text ?? item.label
            let json: JSON = [
                "label": .string(item.label), "kind": .int(item.kind.rawValue),
                "detail": .optional(item.detail),
                "documentation": item.documentation.map {
                    ["kind": "markdown", "value": .string($0)]
                } ?? .null,
                "sortText": .string("\(item.rank)\(item.label)"),
                "insertTextFormat": isSnippet ? 2 : .null,
                "textEdit": ["range": range, "newText": .string(text)],
            ]
            return json.withoutNulls
        }
        return ["isIncomplete": false, "items": .array(shown)]
    }
}
