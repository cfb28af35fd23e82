// SPDX-License-Identifier: Apache-2.0
// A name is given to everything that has it for the same reason: a field in all that inherits it,
// in keys that name it, in the regex that captures it. Whether the new name means the same
// everywhere is not reasoned about: the ruleset is checked with it. Exercised by RenamingTests.

internal import Diagnostics
internal import RuleLanguage

struct Renaming {
    private let place: Place
    private let index: RulesetIndex
    private let old: RulesetIndex.Occurrence
    private let places: [RulesetIndex.Occurrence]

    init(_ place: Place) throws(ResponseError) {
        guard let index = place.index, let old = place.names.first else {
            throw ResponseError(.requestFailed, "nothing here has a name that can be changed")
        }
        self.place = place
        self.index = index
        self.old = old
        places = place.occurrences
        if let reason = refusal { throw ResponseError(.requestFailed, reason) }
    }

    /// `textDocument/prepareRename`
    var preparation: JSON {
        [
            "range": place.places.range(old.span.range),
            "placeholder": .string(Renaming.name(old.span)),
        ]
    }

    /// Why the name can't be changed at all.
    private var refusal: String? {
        let name = Renaming.name(old.span)
        if case .builtIn = old.subject { return "every event has `\(name)`" }
        guard places.contains(where: \.isDeclaration) else {
            return "`\(name)` is not declared in these rules: its name comes from outside"
        }
        for place in places {
            if case .field(let field) = place.subject, !index.ruleset[field.type].isDeclared {
                let type = index.ruleset[field.type].name
                return "`\(name)` is read from `\(type)` too, which is not declared"
            }
        }
        let other = places.first { Renaming.name($0.span) != name }
        return other.map { "`\(name)` is written `\($0.span.text)` in another place" }
    }

    /// The name without its backquotes.
    private static func name(_ span: SourceSpan) -> String {
        let text = span.text
        let isQuoted = text.count > 2 && text.hasPrefix("`") && text.hasSuffix("`")
        return isQuoted ? String(text.dropFirst().dropLast()) : text
    }

    // MARK: the edits

    /// `textDocument/rename`
    func edits(to name: String) throws(ResponseError) -> JSON {
        guard Renaming.isIdentifier(name) else {
            throw ResponseError(.invalidParams, "`\(name)` is no name: letters, digits and `_`")
        }
        if case .symbol = old.subject, name == "alert" || name == "any" {
            throw ResponseError(.invalidParams, "`\(name)` has a meaning of its own")
        }
        if name == Renaming.name(old.span) { return ["changes": [:]] }
        if let problem = problem(with: name) {
            throw ResponseError(.requestFailed, "`\(name)` can't be taken: \(problem)")
        }
        let changes = place.analysis.files.compactMap { file -> JSON.Member? in
            let places = DocumentPlaces(file.bytes, place.places.encoding)
            let edits = spans(in: file).map { span -> JSON in
                ["range": places.range(span.range), "newText": .string(name)]
            }
            return edits.isEmpty
                ? nil : JSON.Member(place.workspace.uri(file.name), .array(edits))
        }
        return ["changes": .object(changes)]
    }

    private func spans(in file: SourceFile) -> [SourceSpan] {
        places.filter { $0.span.file === file }.map(\.span)
    }

    static func isIdentifier(_ name: String) -> Bool {
        guard let first = name.utf8.first, name != "not" else { return false }
        let isDigit = (48...57).contains(first)
        return !isDigit
            && name.utf8.allSatisfy {
                switch $0 {
                case 48...57, 65...90, 95, 97...122: true
                default: false
                }
            }
    }

    /// What is wrong with the ruleset under the new name that was right before.
    private func problem(with name: String) -> String? {
        let renamed = place.analysis.trees.map { tree -> ParseResult in
            let file = tree.tree.file
            let spans = spans(in: file).sorted { $0.range.lowerBound > $1.range.lowerBound }
            if spans.isEmpty { return tree }
            var bytes = file.bytes
            for span in spans { bytes.replaceSubrange(span.range, with: name.utf8) }
            return RuleSyntax.parse(SourceFile(name: file.name, bytes: bytes))
        }
        let check = place.workspace.check(renamed)
        let before = place.analysis.check.diagnostics.filter { $0.severity == .error }
        let after = check.diagnostics.filter { $0.severity == .error }
        if after.count > before.count {
            let known = Set(before.map(\.message))
            return (after.first { !known.contains($0.message) } ?? after.first)?.message
        }
        guard let index = check.index, let moved = moved(renamed, by: name),
            let file = renamed.first(where: { $0.tree.file.name == old.span.file.name })?.tree.file
        else { return "it is not understood there" }
        let found = index.subjects(at: moved, in: file).map(\.subject)
        let counts = found.map { index.places(of: $0, in: renamed.map(\.tree.file)).count }
        let wanted = self.index.places(of: old.subject, in: place.analysis.files).count
        return counts.contains(wanted) ? nil : "it stands for something else there"
    }

    /// Where the name begins once all are changed.
    private func moved(_ renamed: [ParseResult], by name: String) -> Int? {
        let before = spans(in: old.span.file).filter {
            $0.range.lowerBound < old.span.range.lowerBound
        }
        let removed = before.reduce(0) { $0 + $1.range.count }
        return old.span.range.lowerBound - removed + before.count * name.utf8.count
    }
}
