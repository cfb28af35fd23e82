// SPDX-License-Identifier: Apache-2.0
// A table: what the scalar functions take and give. Their values are in EventModel.

import EventModel

/// The arguments and the result of a scalar function.
struct FunctionSignature {
    enum Parameter {
        case text
        case int
        case number
        case time
        case address
        /// A text or a list.
        case sized
        /// A number or a duration.
        case magnitude
        /// Anything that has an order, of one kind for all arguments.
        case ordered
        case any
    }

    enum Result {
        case type(ValueType)
        /// That of the first argument.
        case sameAsFirst
        /// One that holds all arguments.
        case common
    }

    /// As shown to authors: `substring(text, start, count?)`.
    let text: String
    let parameters: [Parameter]
    let optionalCount: Int
    /// The last parameter may be repeated.
    let isVariadic: Bool
    let result: Result

    init(
        _ text: String, _ parameters: [Parameter], optional: Int = 0, variadic: Bool = false,
        _ result: Result
    ) {
        self.text = text
        self.parameters = parameters
        self.optionalCount = optional
        self.isVariadic = variadic
        self.result = result
    }

    /// The smallest and the greatest number of arguments.
    var argumentCounts: ClosedRange<Int> {
        (parameters.count - optionalCount)...(isVariadic ? 64 : parameters.count)
    }

    func parameter(_ index: Int) -> Parameter { parameters[min(index, parameters.count - 1)] }

    static func of(_ function: ScalarFunction) -> FunctionSignature {
        switch function {
        case .lower: .init("lower(text)", [.text], .type(.string))
        case .upper: .init("upper(text)", [.text], .type(.string))
        case .trim: .init("trim(text)", [.text], .type(.string))
        case .length: .init("length(text or list)", [.sized], .type(.int))
        case .substring:
            .init(
                "substring(text, start, count?)", [.text, .int, .int], optional: 1, .type(.string))
        case .startsWith: .init("starts_with(text, start)", [.text, .text], .type(.bool))
        case .endsWith: .init("ends_with(text, end)", [.text, .text], .type(.bool))
        case .replace:
            .init("replace(text, part, by)", [.text, .text, .text], .type(.string))
        case .split: .init("split(text, separator)", [.text, .text], .type(.list(.string)))
        case .abs: .init("abs(number or duration)", [.magnitude], .sameAsFirst)
        case .min: .init("min(a, b, …)", [.ordered, .ordered], variadic: true, .common)
        case .max: .init("max(a, b, …)", [.ordered, .ordered], variadic: true, .common)
        case .round:
            .init("round(number, digits?)", [.number, .int], optional: 1, .type(.number))
        case .floor: .init("floor(number)", [.number], .type(.int))
        case .ceil: .init("ceil(number)", [.number], .type(.int))
        case .sqrt: .init("sqrt(number)", [.number], .type(.float))
        case .log: .init("log(number, base?)", [.number, .number], optional: 1, .type(.float))
        case .pow: .init("pow(number, exponent)", [.number, .number], .type(.float))
        case .hour: .init("hour(time, zone?)", [.time, .text], optional: 1, .type(.int))
        case .weekday: .init("weekday(time, zone?)", [.time, .text], optional: 1, .type(.string))
        case .date: .init("date(time, zone?)", [.time, .text], optional: 1, .type(.string))
        case .cidr: .init("cidr(address, length)", [.address, .int], .type(.network))
        case .distanceKm:
            .init(
                "distance_km(latitude, longitude, latitude, longitude)",
                [.number, .number, .number, .number], .type(.float))
        case .int: .init("int(value)", [.any], .type(.int))
        case .float: .init("float(value)", [.any], .type(.float))
        case .string: .init("string(value)", [.any], .type(.string))
        case .base64Decode: .init("base64_decode(text)", [.text], .type(.string))
        case .entropy: .init("entropy(text)", [.text], .type(.float))
        }
    }
}
