// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import RuleLanguage

/// The function whose arguments are being typed, told from the tokens before the cursor alone.
struct SignatureHelp {
    private let signatures: [LanguageWords.Function]
    /// The number of the argument at the cursor.
    private let argument: Int

    /// Nil where the cursor is in no call of a function.
    init?(_ place: Place) {
        guard let tree = place.analysis.tree(place.file.name) else { return nil }
        let context = CursorContext(tree.tree, place.offset)
        if context.isDead || context.isInText { return nil }
        guard let call = SignatureHelp.call(before: context.statement) else { return nil }
        signatures = LanguageWords.functions.filter { $0.name == call.name }
        argument = call.argument
        if signatures.isEmpty { return nil }
    }

    /// The innermost call that is open behind these words.
    private static func call(
        before words: [CursorContext.Word]
    ) -> (name: String, argument: Int)? {
        var depth = 0
        var argument = 0
        for index in words.indices.reversed() {
            switch words[index].kind {
            case .mark(.rightParen), .mark(.rightBracket): depth += 1
            case .mark(.leftBracket):
                // Inside of a list its commas separate no arguments.
                if depth == 0 { argument = 0 } else { depth -= 1 }
            case .mark(.comma): if depth == 0 { argument += 1 }
            case .mark(.leftParen):
                if depth > 0 {
                    depth -= 1
                } else if index > 0, words[index - 1].kind == .word,
                    FunctionTexts.sentences[words[index - 1].text] != nil
                {
                    return (words[index - 1].text, argument)
                } else {
                    argument = 0
                }
            default: break
            }
        }
        return nil
    }

    /// `textDocument/signatureHelp`
    var json: JSON {
        let ranges = signatures.map { SignatureHelp.parameters(of: $0.signature) }
        let shown = zip(signatures, ranges).map { function, parameters -> JSON in
            let json: JSON = [
                "label": .string(function.signature),
                "documentation": FunctionTexts.sentences[function.name].map {
                    ["kind": "markdown", "value": .string($0)]
                } ?? .null,
                "parameters": .array(
                    parameters.map { range in
                        ["label": [.int(range.lowerBound), .int(range.upperBound)]]
                    }),
            ]
            return json.withoutNulls
        }
        let fitting = ranges.firstIndex { argument < $0.count } ?? 0
        let last = max(ranges[fitting].count - 1, 0)
        return [
            "signatures": .array(shown), "activeSignature": .int(fitting),
            "activeParameter": .int(min(argument, last)),
        ]
    }

    /// Where the parameters are in `substring(text, start, count?)`, in units of UTF-16.
    static func parameters(of signature: String) -> [Range<Int>] {
        let units = Array(signature.utf16)
        guard let open = units.firstIndex(of: UInt16(UInt8(ascii: "("))),
            let close = units.lastIndex(of: UInt16(UInt8(ascii: ")"))), open + 1 < close
        else { return [] }
        var ranges: [Range<Int>] = []
        var start = open + 1
        for index in open + 1...close {
            let isEnd = index == close || units[index] == UInt16(UInt8(ascii: ","))
            guard isEnd else { continue }
            ranges.append(start..<index)
            // A blank follows the comma.
            start = index + 2
        }
        return ranges
    }
}
