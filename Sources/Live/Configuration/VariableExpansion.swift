// SPDX-License-Identifier: Apache-2.0
// Exercised by ConfigurationTests.

/// Variables of the environment in the values of a configuration: `${NAME}`, `${NAME:-default}`,
/// `${NAME:?message}`; `$$` is a dollar sign.
///
/// They are put in after the file has been taken apart, so no value of theirs can become a key.
enum VariableExpansion {
    struct Problem: Error {
        let message: String
    }

    static func expand(
        _ text: String, with variable: (String) -> String?
    ) throws(Problem) -> String {
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                result += "$"
                rest = rest.dropFirst()
            } else if rest.first == "{" {
                guard let end = rest.firstIndex(of: "}") else {
                    throw Problem(message: "`${` is not closed; write `$$` for a dollar sign")
                }
                result += try value(of: rest[..<end].dropFirst(), with: variable)
                rest = rest[rest.index(after: end)...]
            } else {
                result += "$"
            }
        }
        return result + rest
    }

    private static func value(
        of expression: Substring, with variable: (String) -> String?
    ) throws(Problem) -> String {
        let name = expression.prefix { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
        let rest = expression.dropFirst(name.count)
        guard !name.isEmpty, rest.isEmpty || rest.hasPrefix(":-") || rest.hasPrefix(":?") else {
            throw Problem(
                message: "`${\(expression)}` is none of `${NAME}`, `${NAME:-default}` and "
                    + "`${NAME:?message}`")
        }
        let known = variable(String(name))
        if rest.hasPrefix(":-") {
            return known.flatMap { $0.isEmpty ? nil : $0 } ?? String(rest.dropFirst(2))
        }
        if rest.hasPrefix(":?") {
            if let known, !known.isEmpty { return known }
            throw Problem(message: "`\(name)` is not set: \(rest.dropFirst(2))")
        }
        guard let known else {
            throw Problem(
                message: "the environment has no `\(name)`; write `${\(name):-default}` where it "
                    + "may be missing")
        }
        return known
    }
}
