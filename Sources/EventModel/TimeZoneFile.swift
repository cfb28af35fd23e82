// SPDX-License-Identifier: Apache-2.0
// Reads TZif files. Source: RFC 9636, section 3. Exercised by TimeZoneTableTests.

import Glibc

enum TimeZoneFile {
    private static let folder = "/usr/share/zoneinfo/"
    /// The largest file of the database has 3.5 KB.
    private static let byteCap = 65_536

    /// The file of a name that `TimeZoneTable` found safe.
    static func read(_ name: String) -> [UInt8]? {
        // SAFETY: the path is a Swift string that outlives the call.
        let file = unsafe Glibc.open(folder + name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: byteCap)
        var count = 0
        while count < byteCap {
            // SAFETY: the buffer has byteCap bytes, of which those from `count` on are free.
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(file, buffer.baseAddress! + count, byteCap - count)
            }
            guard got >= 0 else { return nil }
            if got == 0 { return Array(bytes[..<count]) }
            count += got
        }
        return nil
    }

    /// The zone that the file describes, or nil where it is not a complete TZif file of version 2
    /// or later (64-bit times).
    static func parse(_ bytes: [UInt8]) -> TimeZoneTable? {
        guard let old = Header(bytes, at: 0), old.version >= UInt8(ascii: "2"),
            let header = Header(bytes, at: old.end(timeSize: 4)),
            header.typeCount > 0, header.end(timeSize: 8) <= bytes.count
        else { return nil }
        let timesStart = header.start + Header.size
        let indexStart = timesStart + header.timeCount * 8
        let typesStart = indexStart + header.timeCount
        let types = (0..<header.typeCount).map { Int(number(bytes, typesStart + $0 * 6, 4)) }
        let times = (0..<header.timeCount).map { number(bytes, timesStart + $0 * 8, 8) }
        let indices = bytes[indexStart..<typesStart].map(Int.init)
        guard indices.allSatisfy({ $0 < types.count }), zip(times, times.dropFirst()).allSatisfy(<),
            types.allSatisfy({ abs($0) < 26 * 3600 })
        else { return nil }
        let footer = bytes[header.end(timeSize: 8)...]
        guard footer.first == UInt8(ascii: "\n"), footer.last == UInt8(ascii: "\n"),
            footer.count >= 2
        else { return nil }
        let rule = PosixZoneRule(Array(footer.dropFirst().dropLast()))
        guard rule != nil || footer.count == 2 else { return nil }
        return TimeZoneTable(
            transitions: times, offsets: indices.map { types[$0] }, firstOffset: types[0],
            rule: rule)
    }

    private struct Header {
        static let size = 44
        let start: Int
        let version: UInt8
        private let counts: [Int]

        init?(_ bytes: [UInt8], at start: Int) {
            guard start + Header.size <= bytes.count,
                bytes[start..<start + 4].elementsEqual("TZif".utf8)
            else { return nil }
            self.start = start
            version = bytes[start + 4]
            counts = (0..<6).map { Int(number(bytes, start + 20 + $0 * 4, 4)) }
            guard counts.allSatisfy({ $0 >= 0 && $0 <= bytes.count }) else { return nil }
        }

        var timeCount: Int { counts[3] }
        var typeCount: Int { counts[4] }

        /// Where the data behind the header ends: times and their types, types, names, leap
        /// seconds, two kinds of marks.
        func end(timeSize: Int) -> Int {
            start + Header.size + timeCount * (timeSize + 1) + typeCount * 6 + counts[5]
                + counts[2] * (timeSize + 4) + counts[1] + counts[0]
        }
    }

    /// A signed big-endian number of 4 or 8 bytes.
    private static func number(_ bytes: [UInt8], _ start: Int, _ size: Int) -> Int64 {
        let raw = bytes[start..<start + size].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return size == 4 ? Int64(Int32(truncatingIfNeeded: raw)) : Int64(bitPattern: raw)
    }
}
