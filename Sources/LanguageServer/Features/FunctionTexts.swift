// SPDX-License-Identifier: Apache-2.0
// A table: what each function gives, in a sentence. docs/reference/functions.md has the rest.
// HoverTests compare it with the functions that there are.

internal import RuleLanguage

enum FunctionTexts {
    static let sentences: [String: String] = [
        "lower": "The text in lower case.",
        "upper": "The text in upper case.",
        "trim": "The text without the white space at both ends.",
        "length": "The number of characters of a text, or of elements of a list.",
        "substring":
            "The characters from `start` on, from 0 (negative: from the end), at most `count`.",
        "starts_with": "Whether the text starts with `start`.",
        "ends_with": "Whether the text ends with `end`.",
        "replace": "The text with every `part` replaced.",
        "split": "The list of the pieces between separators.",
        "abs": "The number or duration without its sign.",
        "min": "The least of the values; with one argument, over the events of a step.",
        "max": "The greatest of the values; with one argument, over the events of a step.",
        "round": "The nearest whole number, or the nearest with so many digits behind the point.",
        "floor": "The greatest whole number that is not above.",
        "ceil": "The least whole number that is not below.",
        "sqrt": "The square root; missing for a negative number.",
        "log": "The natural logarithm, or that to a base.",
        "pow": "The number to the power of the exponent.",
        "hour": "The hour of the day, 0 to 23, in UTC or in a zone.",
        "weekday": "`\"mon\"` to `\"sun\"`, in UTC or in a zone.",
        "date": "The day as `\"2027-01-31\"`, in UTC or in a zone.",
        "cidr": "The network of so many leading bits around an address.",
        "distance_km": "The distance on the Earth's surface in kilometres, from degrees.",
        "int": "The value as an int: floats are cut, texts must be whole decimal numbers.",
        "float": "The value as a float.",
        "string": "The value as the text that an alert shows.",
        "base64_decode": "The decoded text; missing where it is not Base64 of UTF-8.",
        "entropy": "Shannon's entropy in bits a character: high for random names.",
        "if": "`then` where the condition is true, `else` where it is false or unknown.",
        "coalesce": "The first value that is not missing.",
        "count": "The number of events that the step has bound.",
        "sum": "The sum over the events of the step.",
        "avg": "The mean over the events of the step.",
        "count_distinct": "The number of different values over the events of the step.",
        "distinct": "The different values over the events of the step, in order of arrival.",
        "stddev": "The standard deviation over the events of the step.",
        "median": "The median over the events of the step.",
        "percentile": "The value below which so many per cent of the step's values are.",
        "ema": "The exponential moving average over about so many events.",
        "first": "The field of the first event that the step has bound.",
        "last": "The field of the last event that the step has bound.",
        "prev": "The field of the event bound just before in this attempt.",
    ]

    /// The signatures and the sentence of a function; nil where there is none of that name.
    static func text(_ name: String) -> String? {
        let functions = LanguageWords.functions.filter { $0.name == name }
        guard !functions.isEmpty else { return nil }
        let code = functions.map(\.signature).joined(separator: "\n")
        return "```martlet\n\(code)\n```\n\(sentences[name] ?? "")"
    }
}
