// SPDX-License-Identifier: Apache-2.0

/// The scalar functions of the language; meanings in docs/reference/functions.md.
package enum ScalarFunction: String, Hashable, BitwiseCopyable, Sendable, CaseIterable {
    case lower, upper, trim, length, substring
    case startsWith = "starts_with"
    case endsWith = "ends_with"
    case replace, split
    case abs, min, max, round, floor, ceil, sqrt, log, pow
    case hour, weekday, date
    case cidr
    case distanceKm = "distance_km"
    case int, float, string
    case base64Decode = "base64_decode"
    case entropy
}
