// SPDX-License-Identifier: Apache-2.0
// Exercised by ConfigurationTests.

internal import Diagnostics
internal import Yams

/// YAML to the values of declared options, with every mistake at its place.
struct ConfigurationReader {
    /// What diagnostics show of the file: all but its secrets.
    let file: SourceFile
    private let bytes: ArraySlice<UInt8>
    let variable: (String) -> String?
    private(set) var diagnostics: [Diagnostic] = []

    init(_ file: SourceFile, variable: @escaping (String) -> String?) {
        self.file = SourceFile(name: file.name, bytes: SecretMask.mask(file.bytes))
        bytes = file.bytes[file.textStart(ofLine: 1)...]
        self.variable = variable
    }

    /// The document; nil: it is none, which has been reported.
    mutating func document() -> Node? {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            report("C001", "this is no text in UTF-8", from: invalidLineStart)
            return nil
        }
        do {
            guard let node = try Yams.compose(yaml: text) else {
                report("C001", "the file is empty", at: nil)
                return nil
            }
            return node
        } catch let error as YamlError {
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                report("C001", "this is no YAML: \(problem)", at: mark)
            case .duplicatedKeysInMapping(let duplicates, let context):
                let key = duplicates.min() ?? ""
                report(
                    "C001", "`\(key)` is there twice",
                    from: offset(ofLast: key) ?? offset(context.mark))
            default: report("C001", "this is no YAML: \(error)", at: nil)
            }
        } catch {
            report("C001", "this is no YAML: \(error)", at: nil)
        }
        return nil
    }

    /// The members of a mapping; `what` names it in errors.
    mutating func members(of node: Node, _ what: String) -> [(key: String, keyNode: Node, Node)] {
        guard let mapping = node.mapping else {
            report("C003", "\(what) is not a mapping of names to values", at: node.mark)
            return []
        }
        return mapping.map { key, value in (key.scalar?.string ?? "", key, value) }
    }

    /// The options of a section, and the other keys as `others` takes them.
    mutating func section(
        _ node: Node, _ declaration: SectionDeclaration, _ what: String,
        others: [String] = []
    ) -> SectionValues {
        var values = SectionValues(declaration)
        var given: Set<String> = []
        var unknown: [String] = []
        for (key, keyNode, value) in members(of: node, what) where !others.contains(key) {
            guard let option = declaration.options.first(where: { $0.name == key }) else {
                unknown.append(key)
                reportUnknown(
                    key, keyNode, what, among: declaration.options.map(\.name) + others)
                continue
            }
            given.insert(key)
            if let value = self.value(value, option) { values.set(key, value) }
        }
        for option in declaration.options where option.isRequired && !given.contains(option.name) {
            // One that is only misspelt has been reported.
            if unknown.contains(where: { Spelling.closest(to: $0, among: [option.name]) != nil }) {
                continue
            }
            report("C004", "\(what) has no `\(option.name)`", at: node.mark)
        }
        return values
    }

    private mutating func value(_ node: Node, _ option: OptionDeclaration) -> OptionValue? {
        if case .namedTexts = option.kind, let mapping = node.mapping {
            return namedTexts(mapping, option)
        }
        if option.kind == .paths || option.kind == .texts, let sequence = node.sequence {
            let texts = sequence.compactMap { $0.scalar == nil ? nil : text($0) }
            if texts.count == sequence.count { return .texts(texts) }
        }
        guard node.scalar != nil else {
            report(
                "C003", "`\(option.name)` is not \(option.kind.expectation)", at: node.mark)
            return nil
        }
        guard let text = text(node) else { return nil }
        guard let value = OptionValue(text, as: option.kind) else {
            // As it is written: what a variable stands for may be a secret.
            report(
                "C003",
                "`\(option.name)` is `\(node.scalar?.string ?? "")`, and not "
                    + option.kind.expectation, at: node.mark)
            return nil
        }
        return value
    }

    private mutating func namedTexts(
        _ mapping: Node.Mapping, _ option: OptionDeclaration
    ) -> OptionValue? {
        var texts: [NamedText] = []
        for (key, node) in mapping {
            guard let name = key.scalar?.string, node.scalar != nil else {
                report(
                    "C003", "`\(option.name)` is not \(option.kind.expectation)", at: node.mark)
                return nil
            }
            guard let text = text(node) else { return nil }
            texts.append(NamedText(name: name, text: text))
        }
        return .namedTexts(texts)
    }

    /// A scalar with its variables put in; nil where one is missing, which has been reported.
    mutating func text(_ node: Node) -> String? {
        do throws(VariableExpansion.Problem) {
            return try VariableExpansion.expand(node.scalar?.string ?? "", with: variable)
        } catch {
            report("C005", error.message, at: node.mark)
            return nil
        }
    }

    mutating func reportUnknown(
        _ key: String, _ node: Node, _ what: String, among known: [String]
    ) {
        let closest = Spelling.closest(to: key, among: known)
        let hint =
            closest.map { "; did you mean `\($0)`?" }
            ?? "; it may have \(known.map { "`\($0)`" }.joined(separator: ", "))"
        report("C002", "\(what) has no option `\(key)`\(hint)", at: node.mark, fix: closest)
    }

    mutating func report(_ code: String, _ message: String, at mark: Mark?, fix: String? = nil) {
        report(code, message, from: offset(mark), fix: fix)
    }

    private mutating func report(
        _ code: String, _ message: String, from start: Int, fix: String? = nil
    ) {
        let line = file.bytes[start...].prefix { $0 != 0x0a }
        let word = line.prefix { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: " ") }
        diagnostics.append(
            Diagnostic(
                code: code, severity: .error, message,
                at: SourceSpan(file, start..<start + word.count), fix: fix))
    }

    /// Where the first line begins that is not UTF-8.
    private var invalidLineStart: Int {
        for start in file.lineStarts {
            let line = bytes[max(start, bytes.startIndex)...].prefix { $0 != 0x0a }
            if String(validating: line, as: UTF8.self) == nil { return start }
        }
        return 0
    }

    /// Where a line last begins with a key.
    private func offset(ofLast key: String) -> Int? {
        for line in (1...file.lineStarts.count).reversed() {
            let text = file.lineText(line)
            let blanks = text.prefix { $0 == " " }.count
            if text.dropFirst(blanks).hasPrefix("\(key):") {
                return file.textStart(ofLine: line) + blanks
            }
        }
        return nil
    }

    private func offset(_ mark: Mark?) -> Int {
        guard let mark, mark.line >= 1 else { return 0 }
        var offset = file.textStart(ofLine: min(mark.line, file.lineStarts.count))
        var column = 1
        while column < mark.column, offset < file.bytes.count, file.bytes[offset] != 0x0a {
            offset += 1
            while offset < file.bytes.count, file.bytes[offset] & 0xc0 == 0x80 { offset += 1 }
            column += 1
        }
        return offset
    }
}
