// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The types of the names met of late, so that a name is looked up by one comparison.
struct TypeMemo: ~Copyable {
    struct Entry: BitwiseCopyable {
        var name = ShortBytes()
        /// Index in the plan, or `DecodePlan.otherType`.
        var type = 0
        /// Where names that nobody wants are counted; -1 otherwise.
        var counter = -1
        /// What its symbol was the last time.
        var symbol = TypeMemo.noSymbol
    }

    static let noSymbol = Symbol(id: .max)

    /// A power of two.
    private static let entryCap = 64

    private var entries = RawTable(repeating: Entry(), count: entryCap)
    private var place = 0

    /// The entry found or added last.
    var last: Entry { @inline(__always) get { entries[place] } }

    /// Whether the entry of `name` is there, and now is the last. The empty name never is.
    @inline(__always)
    mutating func find(_ name: ShortBytes) -> Bool {
        let mixed = (name.low ^ name.high &+ UInt64(truncatingIfNeeded: name.count))
        place = Int(truncatingIfNeeded: (mixed &* 0x9e37_79b9_7f4a_7c15) >> 58)
        return entries[place].name == name && name.count > 0
    }

    /// Puts an entry where `find` looked for it in vain.
    mutating func add(_ name: ShortBytes, type: Int, counter: Int) {
        entries[place] = Entry(name: name, type: type, counter: counter)
    }

    mutating func forgetSymbols() {
        for k in 0..<entries.count { entries.change(k) { $0.symbol = TypeMemo.noSymbol } }
    }

    mutating func noteSymbol(_ symbol: Symbol) { entries.change(place) { $0.symbol = symbol } }
}
