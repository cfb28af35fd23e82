// SPDX-License-Identifier: Apache-2.0

/// What a fuzz body found about one input.
package struct FuzzVerdict: Sendable {
    /// What is wrong, in words; nil where all is well.
    package var failure: String?
    /// What the input reached, in any numbering: inputs that reach something new are kept as
    /// beginnings of further ones.
    package var features: [UInt64] = []

    package init() {}

    package static func failed(_ reason: String) -> FuzzVerdict {
        var verdict = FuzzVerdict()
        verdict.failure = reason
        return verdict
    }

    /// Notes that the input reached what `name` stands for.
    package mutating func reached(_ name: String) { features.append(FuzzVerdict.hash(name.utf8)) }

    /// Notes about how many there were, by powers of two, so that every count is not a novelty.
    package mutating func reached(_ name: String, _ count: Int) {
        guard count > 0 else { return }
        reached("\(name)\(Int.bitWidth - count.leadingZeroBitCount)")
    }

    /// FNV-1a, 64 bits: the same in every process.
    package static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

/// Something that eats bytes, as a function over any bytes.
package struct FuzzTarget: Sendable {
    package let name: String
    /// What must hold for every input.
    package let law: String
    /// Folders of the repository whose files are inputs to begin with.
    package let corpus: [String]
    /// Inputs to begin with that are made, and not kept as files.
    package let seeds: @Sendable () -> [[UInt8]]
    /// Makes a new beginning out of a seed; nil where there is no way to.
    let invent: (@Sendable (UInt64) -> [UInt8])?
    /// Pieces that a mutation puts in.
    package let dictionary: [String]
    /// Longer inputs are cut.
    package let byteCap: Int
    package let body: @Sendable ([UInt8]) -> FuzzVerdict

    package init(
        _ name: String, law: String, corpus: [String],
        seeds: @escaping @Sendable () -> [[UInt8]] = { [] },
        invent: (@Sendable (UInt64) -> [UInt8])? = nil, dictionary: [String] = [],
        byteCap: Int = 16 * 1024, body: @escaping @Sendable ([UInt8]) -> FuzzVerdict
    ) {
        self.name = name
        self.law = law
        self.corpus = corpus
        self.seeds = seeds
        self.invent = invent
        self.dictionary = dictionary
        self.byteCap = byteCap
        self.body = body
    }

    /// Those that must never fail.
    package static let all: [FuzzTarget] =
        [frontEnd, format, programs, tests, replay, snapshots, tables] + decoders + network + state

    /// Those that must fail: they prove that failures and traps are seen.
    package static let canaries: [FuzzTarget] = [
        FuzzTarget("canary", law: "no input has a 0x2a in it: a lie", corpus: []) { bytes in
            bytes.contains(0x2a) ? .failed("the canary sings") : FuzzVerdict()
        },
        FuzzTarget("canary-trap", law: "no input has a 0x2a in it: a lie", corpus: []) { bytes in
            precondition(!bytes.contains(0x2a), "the canary falls")
            return FuzzVerdict()
        },
    ]
}
