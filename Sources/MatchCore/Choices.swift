// SPDX-License-Identifier: Apache-2.0

/// The choices that one attempt has with one event, walked through depth first: a run makes the
/// first choice everywhere it has not been told otherwise, and `advance` says what to try next.
struct Choices {
    private(set) var script: [Int32] = []
    private var counts: [Int32] = []
    /// Of a choice among branches: those that can take the event, and those that can pass it.
    private var takers: [UInt64] = []
    private var decliners: [UInt64] = []
    private var depth = 0
    /// The run went where it must not go: its attempt is dropped without a trace.
    var isInvalid = false

    mutating func reset() {
        script.removeAll(keepingCapacity: true)
        counts.removeAll(keepingCapacity: true)
        takers.removeAll(keepingCapacity: true)
        decliners.removeAll(keepingCapacity: true)
        rewind()
    }

    mutating func rewind() {
        depth = 0
        isInvalid = false
    }

    mutating func choose(_ count: Int) -> Int {
        if depth == script.count {
            script.append(0)
            counts.append(Int32(count))
            takers.append(0)
            decliners.append(0)
        }
        depth += 1
        return Int(script[depth - 1])
    }

    /// The place of the choice made last.
    var lastPlace: Int { depth - 1 }
    mutating func note(branch: Int, takes: Bool, at place: Int) {
        let bit: UInt64 = 1 << UInt64(branch & 63)
        if takes { takers[place] |= bit } else { decliners[place] |= bit }
    }
    /// Whether some branch cannot but take the event.
    func mustBeTaken(at place: Int) -> Bool { takers[place] & ~decliners[place] != 0 }

    /// Moves on to the next script; false when all have been.
    mutating func advance() -> Bool {
        while let last = script.last {
            if last + 1 < counts[script.count - 1] {
                script[script.count - 1] = last + 1
                rewind()
                return true
            }
            script.removeLast()
            counts.removeLast()
            takers.removeLast()
            decliners.removeLast()
        }
        return false
    }
}
