// SPDX-License-Identifier: Apache-2.0
// Exercised by FuzzTests.

internal import EventModel
internal import Live

/// The state folder of a small pipeline that ended in the middle of its work.
struct StateSample: Sendable {
    struct File: Sendable {
        var path: String
        var bytes: [UInt8]
    }

    static let all: [StateSample] = (1...6).map { (seed: UInt64) in
        do throws(StateError) {
            return try StateSample(seed: seed)
        } catch {
            preconditionFailure("an undisturbed pipeline works: \(error)")
        }
    }

    private(set) var files: [File] = []
    /// What the journal has, in order.
    private(set) var entries: [JournalEntry] = []
    /// The number of the first of them.
    let firstNumber: Int64
    let feeds: [LiveFeedOptions]
    private let registry = SimulatedRulesRegistry()

    private init(seed: UInt64) throws(StateError) {
        let workload = LiveWorkload(seed: seed, stepCount: 12 + Int(seed) * 3)
        feeds = workload.feeds
        let disk = SimulatedDisk(seed: seed)
        var node = try StateSample.open(disk, registry, feeds)
        _ = try? node.change(
            RulesRequest(.rules(LiveWorkload.versions[0]), at: .zero, from: .start))
        for (number, step) in workload.steps.enumerated() {
            try node.accept(
                [
                    AcceptedRecords(
                        feed: step.feed, acceptedAt: step.acceptedAt,
                        resumption: [UInt8(number)], lines: step.lines)
                ], syncs: true)
            if let tick = step.tick { try node.tick(at: tick) }
            if number % 8 == 7 { try node.checkpoint() }
        }
        for path in disk.paths { files.append(File(path: path, bytes: try disk.read(path))) }
        var reader = try JournalReader(disk, folder: StateSample.journal)
        firstNumber = reader.nextNumber
        while let entry = try reader.next() { entries.append(entry) }
    }

    static let journal = "state/journal"
    static let checkpoints = "state/checkpoints"

    static func open(
        _ disk: SimulatedDisk, _ registry: SimulatedRulesRegistry, _ feeds: [LiveFeedOptions]
    ) throws(StateError) -> LiveNode {
        var options = LiveNodeOptions()
        options.segmentByteCount = 800
        options.checkpointCount = 2
        return try LiveNode.open(
            nil, registry: registry, feeds: feeds, disk: disk, folder: "state",
            store: SimulatedAlertStore(), options: options)
    }

    /// Opens a folder with the rules of this one.
    func open(_ disk: SimulatedDisk) throws(StateError) -> LiveNode {
        try StateSample.open(disk, registry, feeds)
    }

    func files(in folder: String) -> [File] { files.filter { $0.path.hasPrefix(folder + "/") } }

    static func disk(_ files: [File]) throws(StateError) -> SimulatedDisk {
        let disk = SimulatedDisk(seed: 1)
        for file in files { try disk.openForAppending(file.path).append(file.bytes) }
        return disk
    }
}

/// Damage to files, as an input of the fuzzer says it: four bytes for each piece of it.
struct StateDamage {
    private(set) var files: [StateSample.File]
    /// Whether a file is gone or shorter: at its end that may look as though there never was more.
    private(set) var hasCut = false

    init(_ files: [StateSample.File], _ input: ArraySlice<UInt8>) {
        self.files = files
        var rest = input
        while rest.count >= 4, !self.files.isEmpty {
            let bytes = Array(rest.prefix(4))
            rest = rest.dropFirst(4)
            damage(Int(bytes[0]) % self.files.count, bytes[1], Int(bytes[2]) | Int(bytes[3]) << 8)
        }
    }

    private mutating func damage(_ file: Int, _ kind: UInt8, _ position: Int) {
        let count = files[file].bytes.count
        let place = position % (count + 1)
        switch kind % 8 {
        case 4:
            files[file].bytes.removeSubrange(place...)
            hasCut = true
        case 5:
            files.remove(at: file)
            hasCut = true
        case 6: files[file].bytes.insert(kind, at: place)
        case 7:
            for k in place..<min(place + 8, count) { files[file].bytes[k] = 0 }
        default:
            if place < count { files[file].bytes[place] ^= 1 << (kind >> 5) }
        }
    }
}
