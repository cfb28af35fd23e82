// SPDX-License-Identifier: Apache-2.0
// Exercised by DeadLetterFileTests, and by simulated weeks.

/// Removes the oldest files of dead letters, and counts what was in them.
struct LetterRetention {
    /// Bytes that are looked at at once.
    private static let pieceByteCount = 1 << 20

    private let disk: any Disk
    private let files: [RotatedFiles]
    private let keptCount: Int

    /// - Parameter paths: of the present files: of the feeds, and of each sink.
    init(_ paths: [String], keeping count: Int, _ disk: any Disk) {
        self.disk = disk
        files = paths.map { RotatedFiles($0, disk) }
        keptCount = count
    }

    /// - Returns: the letters that are gone.
    func step() throws(StateError) -> Int {
        var count = 0
        for file in files {
            for path in try file.oldest(keeping: keptCount) {
                let lines = try lineCount(path)
                try disk.remove(path)
                try disk.syncFolder(file.folder)
                count += lines
            }
        }
        return count
    }

    private func lineCount(_ path: String) throws(StateError) -> Int {
        var (count, place) = (0, Int64(0))
        while true {
            let piece = try disk.read(path, from: place, count: LetterRetention.pieceByteCount)
            if piece.isEmpty { return count }
            count += piece.count { $0 == 0x0a }
            place += Int64(piece.count)
        }
    }
}
