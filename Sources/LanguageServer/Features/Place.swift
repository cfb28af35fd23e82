// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import RuleLanguage

/// A place in a document, with what is known of the names there.
struct Place {
    let file: SourceFile
    let offset: Int
    let places: DocumentPlaces
    let analysis: Analysis
    let workspace: Workspace

    var index: RulesetIndex? { analysis.check.index }

    /// What stands at the place, the shortest name only.
    var names: [RulesetIndex.Occurrence] {
        let found = index?.subjects(at: offset, in: file) ?? []
        // Right between two names the one that begins is meant.
        let inside = found.filter { offset < $0.span.range.upperBound }
        let meant = inside.isEmpty ? found : inside
        let length = meant.map(\.span.range.count).min()
        return meant.filter { $0.span.range.count == length }
    }

    /// All places of what the place names, in order of file and position, each once.
    var occurrences: [RulesetIndex.Occurrence] {
        guard let index else { return [] }
        var seen: Set<RulesetIndex.Subject> = []
        var found: [RulesetIndex.Occurrence] = []
        for name in names where seen.insert(index.representative(name.subject)).inserted {
            found += index.places(of: name.subject, in: analysis.files)
        }
        var kept: [RulesetIndex.Occurrence] = []
        var taken: [ObjectIdentifier: Set<Range<Int>>] = [:]
        // A place may be both a name's meaning and a use of another: what declares counts.
        for place in found.filter(\.isDeclaration) + found.filter({ !$0.isDeclaration }) {
            let file = ObjectIdentifier(place.span.file)
            if taken[file, default: []].insert(place.span.range).inserted { kept.append(place) }
        }
        var rank: [ObjectIdentifier: Int] = [:]
        for (number, file) in analysis.files.enumerated() { rank[ObjectIdentifier(file)] = number }
        return kept.sorted { a, b in
            (rank[ObjectIdentifier(a.span.file)] ?? 0, a.span.range.lowerBound)
                < (rank[ObjectIdentifier(b.span.file)] ?? 0, b.span.range.lowerBound)
        }
    }

    // MARK: answers

    /// `textDocument/definition`
    var definitions: [JSON] { locations(occurrences.filter(\.isDeclaration)) }

    /// `textDocument/references`
    func references(withDeclarations: Bool) -> [JSON] {
        locations(occurrences.filter { withDeclarations || !$0.isDeclaration })
    }

    private func locations(_ found: [RulesetIndex.Occurrence]) -> [JSON] {
        var locator = Locator(workspace, places.encoding)
        return found.map { locator.location($0.span) }
    }

    /// `textDocument/documentHighlight`: a declaration is where the name is written to.
    var highlights: [JSON] {
        occurrences.filter { $0.span.file === file }.map {
            ["range": places.range($0.span.range), "kind": $0.isDeclaration ? 3 : 2]
        }
    }
}
