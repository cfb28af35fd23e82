// SPDX-License-Identifier: Apache-2.0
// Many literals in one pass over a text: Aho, Corasick, Efficient string matching, CACM 18 (1975).
// The automaton is kept small: the root and states with many edges have a row of 256, the others a
// short list. Exercised by LiteralSetTests.

/// Texts to be found in other texts, all at once.
///
/// - Shape: a pass is O(length of the text), whatever the number of literals; building is O(their
///   bytes).
package struct LiteralSet: Sendable {
    private struct State: Sendable {
        /// The state of the longest end of what was read that begins some literal.
        var failure: Int32 = 0
        /// The literal that ends here; -1: none does.
        var literal: Int32 = -1
        /// The next state on the way of failures at which a literal ends; -1: there is none.
        var output: Int32 = -1
        /// Edges, or where `isDense` the start of a row in `rows`.
        var first: Int32 = 0
        var edgeCount: Int16 = 0
        var isDense = false
    }

    private struct Edge: Sendable {
        var byte: UInt8
        var target: Int32
    }

    /// More edges than these are a row: looking through them would take longer.
    private static let listedEdgesCap: Int16 = 8

    package let ignoresCase: Bool
    private var states: [State] = [State()]
    private var edges: [Edge] = []
    /// Targets by byte, 256 a row; -1: there is none.
    private var rows: [Int32] = []
    /// Of a literal that was given more than once, the number it was first given.
    package private(set) var numbers: [Int32] = []

    /// - Precondition: no literal is empty.
    package init(_ literals: [[UInt8]], ignoringCase: Bool) {
        ignoresCase = ignoringCase
        var trie = Trie()
        for (number, literal) in literals.enumerated() {
            precondition(!literal.isEmpty, "an empty literal is everywhere")
            let bytes = ignoringCase ? LiteralSet.folded(literal) : literal
            numbers.append(trie.insert(bytes, number: Int32(number)))
        }
        lay(out: trie)
        link(trie)
    }

    /// The literals as a tree, while it grows: children are linked lists.
    private struct Trie {
        struct Node {
            var byte: UInt8 = 0
            var child: Int32 = -1
            var sibling: Int32 = -1
            var childCount: Int16 = 0
            var literal: Int32 = -1
        }

        var nodes = [Node()]

        mutating func insert(_ bytes: [UInt8], number: Int32) -> Int32 {
            var node = 0
            for byte in bytes { node = child(of: node, byte) }
            if nodes[node].literal < 0 { nodes[node].literal = number }
            return nodes[node].literal
        }

        private mutating func child(of node: Int, _ byte: UInt8) -> Int {
            var child = nodes[node].child
            while child >= 0 {
                if nodes[Int(child)].byte == byte { return Int(child) }
                child = nodes[Int(child)].sibling
            }
            nodes.append(Node(byte: byte, sibling: nodes[node].child))
            nodes[node].child = Int32(nodes.count - 1)
            nodes[node].childCount += 1
            return nodes.count - 1
        }
    }

    private mutating func lay(out trie: Trie) {
        states = []
        states.reserveCapacity(trie.nodes.count)
        for node in trie.nodes.indices {
            let isDense = node == 0 || trie.nodes[node].childCount > LiteralSet.listedEdgesCap
            var state = State(literal: trie.nodes[node].literal, isDense: isDense)
            state.edgeCount = trie.nodes[node].childCount
            state.first = Int32(isDense ? rows.count : edges.count)
            if isDense { rows += [Int32](repeating: -1, count: 256) }
            var child = trie.nodes[node].child
            while child >= 0 {
                let byte = trie.nodes[Int(child)].byte
                if isDense {
                    rows[Int(state.first) + Int(byte)] = child
                } else {
                    edges.append(Edge(byte: byte, target: child))
                }
                child = trie.nodes[Int(child)].sibling
            }
            states.append(state)
        }
    }

    /// Sets failures and outputs, the states nearer to the root first.
    private mutating func link(_ trie: Trie) {
        var queue: [Int32] = [0]
        queue.reserveCapacity(states.count)
        var place = 0
        while place < queue.count {
            let state = queue[place]
            place += 1
            var child = trie.nodes[Int(state)].child
            while child >= 0 {
                queue.append(child)
                let byte = trie.nodes[Int(child)].byte
                let failure = state == 0 ? 0 : next(states[Int(state)].failure, byte)
                states[Int(child)].failure = failure
                let ends = states[Int(failure)].literal >= 0
                states[Int(child)].output = ends ? failure : states[Int(failure)].output
                child = trie.nodes[Int(child)].sibling
            }
        }
    }

    @inline(__always)
    private func edge(_ state: Int32, _ byte: UInt8) -> Int32 {
        let row = states[Int(state)]
        if row.isDense { return rows[Int(row.first) + Int(byte)] }
        var i = Int(row.first)
        let end = i + Int(row.edgeCount)
        while i < end {
            if edges[i].byte == byte { return edges[i].target }
            i += 1
        }
        return -1
    }

    @inline(__always)
    private func next(_ state: Int32, _ byte: UInt8) -> Int32 {
        var from = state
        while true {
            let target = edge(from, byte)
            if target >= 0 { return target }
            if from == 0 { return 0 }
            from = states[Int(from)].failure
        }
    }
}

/// What a pass over a text finds, and the memory for it.
package struct LiteralScan: Sendable {
    /// By state: the number of the pass in which it was last met.
    private var metIn: [UInt32]
    private var pass: UInt32 = 0
    /// The literals found in the last pass, each once, by their numbers in `LiteralSet.numbers`.
    package private(set) var found: [Int32] = []

    package init(_ set: LiteralSet) { metIn = [UInt32](repeating: 0, count: set.stateCount) }

    /// Finds the literals of `set` that are in `text`. Invalid UTF-8 matches itself where case
    /// counts, and nothing where it does not.
    package mutating func find(_ set: LiteralSet, in text: borrowing Span<UInt8>) {
        found.removeAll(keepingCapacity: true)
        pass &+= 1
        if pass == 0 {
            for state in metIn.indices { metIn[state] = 0 }
            pass = 1
        }
        set.run(over: text, &self)
    }

    /// Notes the literals that end in a state.
    @inline(__always)
    mutating func note(_ state: Int32, literal: Int32) -> Bool {
        if metIn[Int(state)] == pass { return false }
        metIn[Int(state)] = pass
        if literal >= 0 { found.append(literal) }
        return true
    }
}

extension LiteralSet {
    var stateCount: Int { states.count }

    fileprivate func run(over text: borrowing Span<UInt8>, _ scan: inout LiteralScan) {
        if ignoresCase { return runFolded(over: text, &scan) }
        var state: Int32 = 0
        var i = 0
        while i < text.count {
            state = next(state, text[i])
            i += 1
            report(state, &scan)
        }
    }

    @inline(__always)
    private func report(_ state: Int32, _ scan: inout LiteralScan) {
        if states[Int(state)].literal < 0, states[Int(state)].output < 0 { return }
        var ending = state
        while ending >= 0, scan.note(ending, literal: states[Int(ending)].literal) {
            ending = states[Int(ending)].output
        }
    }

    private func runFolded(over text: borrowing Span<UInt8>, _ scan: inout LiteralScan) {
        var state: Int32 = 0
        var i = 0
        while i < text.count {
            let byte = text[i]
            if byte < 0x80 {
                state = next(state, byte &- 65 < 26 ? byte + 32 : byte)
                i += 1
                report(state, &scan)
                continue
            }
            let (value, length) = decodeScalar(text, i)
            i += length
            guard let scalar = Unicode.Scalar(fold(value)) else {
                state = 0
                continue
            }
            for byte in UTF8.encode(scalar)! {
                state = next(state, byte)
                report(state, &scan)
            }
        }
    }

    private static func folded(_ literal: [UInt8]) -> [UInt8] {
        String(decoding: literal, as: UTF8.self).unicodeScalars.flatMap { scalar in
            Array(UTF8.encode(Unicode.Scalar(fold(scalar.value)) ?? scalar)!)
        }
    }
}
