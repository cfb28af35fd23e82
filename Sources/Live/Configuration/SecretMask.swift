// SPDX-License-Identifier: Apache-2.0
// Exercised by SecretMaskTests.

/// A configuration as errors may show it: as it is written, but for the values of secret options,
/// whether it is YAML or not.
enum SecretMask {
    private static let star = UInt8(ascii: "*")

    /// By name; true: texts by their names, which stay.
    private static let options: [(name: [UInt8], hasNames: Bool)] = {
        let sections =
            [ConfigurationSections.admin] + ConfigurationSections.feeds
            + ConfigurationSections.sinks
        var found: [(name: [UInt8], hasNames: Bool)] = []
        for option in sections.flatMap(\.options)
        where option.kind == .secret || option.kind == .namedTexts {
            let name = Array(option.name.utf8)
            if found.contains(where: { $0.name == name }) { continue }
            found.append((name, option.kind == .namedTexts))
        }
        return found
    }()

    /// The same, as long, with stars in the place of secrets.
    static func mask(_ bytes: [UInt8]) -> [UInt8] {
        var masked = bytes
        /// The indentation of an option whose value is in the lines below it.
        var open: (indent: Int, hasNames: Bool)?
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
            let line = start..<end
            let indent = bytes[line].prefix { $0 == 0x20 }.count
            let isBlank = bytes[line].allSatisfy { $0 == 0x20 || $0 == 0x0d }
            if let outer = open, isBlank || indent > outer.indent {
                let colon = bytes[line].firstIndex(of: UInt8(ascii: ":"))
                cover(&masked, (outer.hasNames ? colon.map { $0 + 1 } ?? start : start)..<end)
            } else {
                open = nil
                for option in options {
                    guard let value = value(of: option.name, in: bytes, line) else { continue }
                    let first = bytes[value].first
                    cover(&masked, value)
                    if first == nil || first == UInt8(ascii: "|") || first == UInt8(ascii: ">") {
                        open = (indent, option.hasNames)
                    }
                }
            }
            start = end + 1
        }
        return masked
    }

    private static func cover(_ bytes: inout [UInt8], _ range: Range<Int>) {
        for place in range where bytes[place] != 0x20 && bytes[place] != 0x0d {
            bytes[place] = star
        }
    }

    /// Where the value of an option is in a line, to its end at the latest; nil: the option is not
    /// there.
    private static func value(
        of name: [UInt8], in bytes: [UInt8], _ line: Range<Int>
    ) -> Range<Int>? {
        var place = line.lowerBound
        while place + name.count < line.upperBound {
            defer { place += 1 }
            let end = place + name.count
            guard bytes[place..<end].elementsEqual(name),
                place == line.lowerBound || !isNamePart(bytes[place - 1])
            else { continue }
            var behind = bytes[end..<line.upperBound].drop { " \"'".utf8.contains($0) }
            guard behind.first == UInt8(ascii: ":") else { continue }
            behind = behind.dropFirst().drop { $0 == 0x20 || $0 == 0x0d }
            let isInside = bytes[line.lowerBound..<place].contains(UInt8(ascii: "{"))
            return behind.startIndex..<self.end(of: behind, isInside: isInside)
        }
        return nil
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte >= 0x61 && byte <= 0x7a || byte >= 0x30 && byte <= 0x39
    }

    /// - Parameter isInside: the option stands inside of braces, where its value ends before a
    ///   comma or a brace.
    private static func end(of value: ArraySlice<UInt8>, isInside: Bool) -> Int {
        switch value.first {
        case UInt8(ascii: "\"")?, UInt8(ascii: "'")?:
            let quote = value.first
            var place = value.startIndex + 1
            while place < value.endIndex, value[place] != quote {
                place += value[place] == UInt8(ascii: "\\") ? 2 : 1
            }
            return min(place + 1, value.endIndex)
        case UInt8(ascii: "{")?:
            return value.firstIndex(of: UInt8(ascii: "}")) ?? value.endIndex
        default:
            let end = value.firstIndex { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") }
            return isInside ? end ?? value.endIndex : value.endIndex
        }
    }
}
