// SPDX-License-Identifier: Apache-2.0
// Exercised by LiveCrashTests.

package import Live

/// A disk in memory that can be full, that stops in the middle of any operation, and that forgets
/// what was not synced.
// SAFETY: `@unchecked Sendable`: a simulation has one thread.
@safe
package final class SimulatedDisk: Disk, @unchecked Sendable {
    /// What a file holds: `content` is what a process sees, `durable` what a crash of the machine
    /// leaves.
    fileprivate final class Inode {
        var content: [UInt8]
        var durable: [UInt8] = []

        init(content: [UInt8] = []) { self.content = content }
    }

    private var names: [String: Inode] = [:]
    private var durableNames: [String: Inode] = [:]
    fileprivate var random: SeededRandom
    /// Operations that change something, so far.
    package private(set) var operationCount = 0
    /// The operation in the middle of which everything ends; nil: none.
    package var lastOperation: Int?
    /// Bytes that there is room for.
    package var capacity = Int.max
    package private(set) var hasStopped = false

    package init(seed: UInt64) { random = SeededRandom(seed: seed) }

    // MARK: Crashes

    /// The disk as the next process finds it.
    ///
    /// - Parameter losesPower: whether the machine went down too: then what was not synced may be
    ///   there in part, or not at all.
    package func afterCrash(losesPower: Bool) -> SimulatedDisk {
        let next = SimulatedDisk(seed: random.next())
        next.capacity = capacity
        if losesPower {
            losePower(next)
        } else {
            for (path, inode) in names { next.names[path] = Inode(content: inode.content) }
        }
        next.durableNames = next.names
        for inode in next.names.values { inode.durable = inode.content }
        return next
    }

    private func losePower(_ next: SimulatedDisk) {
        // A rename that was not synced has been done as a whole, or not at all.
        var settled: Set<String> = []
        for (path, inode) in durableNames.sorted(by: { $0.key < $1.key }) {
            var place = path
            if let newPath = names.first(where: { $0.value === inode })?.key, newPath != path {
                settled.insert(newPath)
                if random.below(2) == 0 { place = newPath }
            }
            next.names[place] = Inode(content: remains(of: inode))
        }
        // A name that was not synced may have made it.
        for (path, inode) in names.sorted(by: { $0.key < $1.key })
        where next.names[path] == nil && !settled.contains(path) && random.below(2) == 0 {
            next.names[path] = Inode(content: remains(of: inode))
        }
    }

    private func remains(of inode: Inode) -> [UInt8] {
        guard inode.content.starts(with: inode.durable) else { return inode.durable }
        let more = inode.content.count - inode.durable.count
        let kept = more == 0 ? 0 : random.below(more + 1)
        var bytes = Array(inode.content.prefix(inode.durable.count + kept))
        // The length may have been written before the bytes.
        if kept > 0, random.below(4) == 0 {
            for k in inode.durable.count..<bytes.count where random.below(2) == 0 { bytes[k] = 0 }
        }
        return bytes
    }

    /// Flips one bit of a file whose path `isChosen`; nil: there is none that has any.
    package func flipBit(where isChosen: (String) -> Bool) -> String? {
        let paths = names.keys.filter { isChosen($0) && !(names[$0]?.content.isEmpty ?? true) }
            .sorted()
        guard !paths.isEmpty else { return nil }
        let path = paths[random.below(paths.count)]
        guard let inode = names[path] else { return nil }
        let place = random.below(inode.content.count)
        inode.content[place] ^= 1 << UInt8(random.below(8))
        inode.durable = inode.content
        return "\(path) at byte \(place)"
    }

    package var byteCount: Int { names.values.reduce(0) { $0 + $1.content.count } }
    package var paths: [String] { names.keys.sorted() }
    /// The contents of a file and of those that it has left behind with numbers in their names, in
    /// the order in which they were written.
    func readAll(of path: String) -> [UInt8] {
        let dot = path.lastIndex(of: ".") ?? path.endIndex
        let stem = path[..<dot] + "."
        // The numbers come before the ending.
        return paths.filter { $0.hasPrefix(stem) }.reduce(into: []) {
            $0 += names[$1]?.content ?? []
        }
    }

    func byteCount(at path: String) -> Int { names[path]?.content.count ?? 0 }

    /// Counts an operation, and throws where everything has ended; true: it ends with this one.
    fileprivate func begin(_ action: String, _ path: String) throws(StateError) -> Bool {
        if hasStopped { throw SimulatedDisk.stopped(action, path) }
        operationCount += 1
        hasStopped = operationCount == lastOperation
        return hasStopped
    }

    fileprivate static func stopped(_ action: String, _ path: String) -> StateError {
        .system(action, path, errno: 5)
    }

    private func inode(_ path: String, _ action: String) throws(StateError) -> Inode {
        guard let inode = names[path] else { throw .system(action, path, errno: 2) }
        return inode
    }

    fileprivate var room: Int { max(capacity - byteCount, 0) }

    // MARK: Disk

    package func makeFolder(_ path: String) throws(StateError) {
        if hasStopped { throw SimulatedDisk.stopped("make", path) }
    }

    package func names(in folder: String) throws(StateError) -> [String] {
        if hasStopped { throw SimulatedDisk.stopped("read", folder) }
        return names.keys.filter { $0.hasPrefix(folder + "/") }
            .map { String($0.dropFirst(folder.count + 1)) }.filter { !$0.contains("/") }.sorted()
    }

    package func syncFolder(_ path: String) throws(StateError) {
        if try begin("sync", path) { throw SimulatedDisk.stopped("sync", path) }
        let inFolder = { (name: String) in name.hasPrefix(path + "/") }
        durableNames = durableNames.filter { !inFolder($0.key) }
        for (name, inode) in names where inFolder(name) { durableNames[name] = inode }
    }

    package func read(_ path: String) throws(StateError) -> [UInt8] {
        try read(path, from: 0, count: .max)
    }

    package func read(
        _ path: String, from offset: Int64, count: Int
    ) throws(StateError) -> [UInt8] {
        if hasStopped { throw SimulatedDisk.stopped("read", path) }
        let content = try inode(path, "read").content
        return Array(content.dropFirst(Int(offset)).prefix(count))
    }

    package func byteCount(of path: String) throws(StateError) -> Int64? {
        if hasStopped { throw SimulatedDisk.stopped("read", path) }
        return names[path].map { Int64($0.content.count) }
    }

    package func rename(_ path: String, to newPath: String) throws(StateError) {
        let stops = try begin("rename", path)
        if !stops || random.below(2) == 0 {
            names[newPath] = try inode(path, "rename")
            names[path] = nil
        }
        if stops { throw SimulatedDisk.stopped("rename", path) }
    }

    package func remove(_ path: String) throws(StateError) {
        let stops = try begin("remove", path)
        if !stops || random.below(2) == 0 { names[path] = nil }
        if stops { throw SimulatedDisk.stopped("remove", path) }
    }

    package func openForAppending(_ path: String) throws(StateError) -> any DiskFile {
        if try begin("open", path) { throw SimulatedDisk.stopped("open", path) }
        let inode = names[path] ?? Inode()
        names[path] = inode
        return SimulatedFile(path, inode, self)
    }
}

/// A file of a simulated disk.
// SAFETY: `@unchecked Sendable`: a simulation has one thread.
@safe
private final class SimulatedFile: DiskFile, @unchecked Sendable {
    let path: String
    private let inode: SimulatedDisk.Inode
    private let disk: SimulatedDisk

    init(_ path: String, _ inode: SimulatedDisk.Inode, _ disk: SimulatedDisk) {
        self.path = path
        self.inode = inode
        self.disk = disk
    }

    var byteCount: Int64 { Int64(inode.content.count) }

    func append(_ bytes: [UInt8]) throws(StateError) {
        let stops = try disk.begin("write", path)
        let wanted = stops ? disk.random.below(bytes.count + 1) : bytes.count
        let done = min(wanted, disk.room)
        inode.content += bytes.prefix(done)
        if stops { throw SimulatedDisk.stopped("write", path) }
        if done < bytes.count { throw .system("write", path, errno: 28) }
    }

    func truncate(to byteCount: Int64) throws(StateError) {
        if try disk.begin("cut off", path) { throw SimulatedDisk.stopped("cut off", path) }
        inode.content.removeLast(inode.content.count - Int(byteCount))
    }

    func sync() throws(StateError) {
        if try disk.begin("sync", path) { throw SimulatedDisk.stopped("sync", path) }
        inode.durable = inode.content
    }

    func close() throws(StateError) {}
}
