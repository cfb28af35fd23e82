// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// The options of one section, each as its declaration wants it, or as its default says.
package struct SectionValues: Sendable {
    package let declaration: SectionDeclaration
    private var values: [String: OptionValue] = [:]

    init(_ declaration: SectionDeclaration) {
        self.declaration = declaration
        for option in declaration.options {
            guard let text = option.defaultText else { continue }
            values[option.name] = OptionValue(text, as: option.kind)
            assert(values[option.name] != nil, "the default of \(option.name) is a value of its")
        }
    }

    mutating func set(_ name: String, _ value: OptionValue) { values[name] = value }

    package func value(_ name: String) -> OptionValue? {
        assert(declaration.options.contains { $0.name == name }, "\(name) is declared")
        return values[name]
    }

    func text(_ name: String) -> String? {
        guard case .text(let text) = value(name) else { return nil }
        return text
    }

    func texts(_ name: String) -> [String] {
        guard case .texts(let texts) = value(name) else { return text(name).map { [$0] } ?? [] }
        return texts
    }

    func integer(_ name: String) -> Int {
        guard case .integer(let number) = value(name) else { return 0 }
        return number
    }

    func flag(_ name: String) -> Bool { value(name) == .boolean(true) }

    func namedTexts(_ name: String) -> [NamedText] {
        guard case .namedTexts(let texts) = value(name) else { return [] }
        return texts
    }

    func span(_ name: String) -> TimeSpan { TimeSpan(nanoseconds: Int64(integer(name))) }
}

extension OptionValue {
    /// Nil: the text is no value of this kind.
    init?(_ text: String, as kind: OptionKind) {
        switch kind {
        case .text, .secret, .texts: self = .text(text)
        case .path, .paths:
            guard !text.isEmpty else { return nil }
            self = .text(text)
        case .namedTexts: return nil
        case .boolean:
            guard text == "true" || text == "false" else { return nil }
            self = .boolean(text == "true")
        case .integer(let range):
            guard let number = Int(text), range.contains(number) else { return nil }
            self = .integer(number)
        case .duration:
            guard let span = TimeSpan(text.utf8.span), span >= .zero else { return nil }
            self = .integer(Int(span.nanoseconds))
        case .size(let most):
            guard let count = OptionValue.byteCount(text), count <= most else { return nil }
            self = .integer(count)
        case .address:
            guard ListenAddress(text) != nil else { return nil }
            self = .text(text)
        case .choice(let words):
            guard words.contains(text) else { return nil }
            self = .text(text)
        }
    }

    /// A number of bytes, with a unit: `64MB` is 64 · 2²⁰.
    private static func byteCount(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units = ["": 0, "b": 0, "kb": 10, "mb": 20, "gb": 30, "tb": 40]
        guard let number = Int(digits), number > 0,
            let shift = units[text.dropFirst(digits.count).lowercased()],
            number <= Int.max >> shift
        else { return nil }
        return number << shift
    }
}
