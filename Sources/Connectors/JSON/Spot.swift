// SPDX-License-Identifier: Apache-2.0

internal import CByteScan

/// Where in a line a wanted value was seen last, and in which line that was.
typealias Spot = martlet_spot

extension martlet_spot {
    /// What a line can have at most for its places to fit.
    static let lineByteCap = Int(UInt32.max)

    /// Of no line.
    static let none = martlet_spot(from: 0, to: 0, stamp: 0)

    /// - Parameter generation: the number of the line, from 1.
    @inline(__always)
    init(start: Int, end: Int, generation: UInt64, kind: JSONKind) {
        self.init(
            from: UInt32(truncatingIfNeeded: start), to: UInt32(truncatingIfNeeded: end),
            stamp: martlet_spot.stamp(generation, kind))
    }

    @inline(__always)
    static func stamp(_ generation: UInt64, _ kind: JSONKind) -> UInt64 {
        generation << 8 | UInt64(kind.rawValue)
    }

    @inline(__always) var start: Int { Int(from) }
    @inline(__always) var end: Int { Int(to) }
    @inline(__always) var count: Int { Int(to &- from) }
    @inline(__always) var generation: UInt64 { stamp >> 8 }

    @inline(__always)
    var kind: JSONKind { JSONKind(rawValue: UInt8(truncatingIfNeeded: stamp)) ?? .null }

    /// Whether a value of that kind was seen here in line `generation`.
    @inline(__always)
    func holds(_ kind: JSONKind, _ generation: UInt64) -> Bool {
        stamp == martlet_spot.stamp(generation, kind)
    }
}
