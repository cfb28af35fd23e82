// SPDX-License-Identifier: Apache-2.0
// Exercised by DeadLetterFileTests, and by simulated crashes.

/// The records that became no event: a file that has each exactly once, and is followed by a new
/// one where it gets too long.
///
/// A checkpoint notes how far it is. Behind that the records come again after a crash, and the file
/// that they were in may have been followed by a new one meanwhile. So before a file gets its
/// number, it is written down in the store how long it is, and with which letter it began. A start
/// that finds a file of that number and length knows that the present one begins behind it, and
/// otherwise that it is still the one of which that was written: what comes again and is before its
/// beginning is in earlier files.
struct DeadLetterFile {
    /// What the store knows it by. No sink can have this name.
    static let name = "dead letters"
    /// What the store knows by it is where the file began that was to get its number last.
    static let beginningName = "dead letters, this file"

    private let disk: any Disk
    private let store: any AlertStore
    private let fileByteCount: Int64?
    private var file: LineFile
    /// The number with which the file began; nil: there is no note of it.
    private var firstNumber: Int64?

    /// - Parameters:
    ///   - cursor: as a checkpoint has it; nil: there is none.
    ///   - fileByteCount: the length at which a new file is begun; nil: none ever is.
    init(
        _ disk: any Disk, path: String, cursor: LineCursor?, store: any AlertStore,
        fileByteCount: Int64?
    ) throws(StateError) {
        self.disk = disk
        self.store = store
        self.fileByteCount = fileByteCount
        var place = cursor
        if let cursor {
            firstNumber = try DeadLetterFile.beginning(disk, path, store)
            if let firstNumber, firstNumber >= cursor.nextNumber {
                place = LineCursor(nextNumber: firstNumber)
            }
        }
        file = try LineFile(disk, path: path, cursor: place, firstNumber: 1)
    }

    /// The number with which the file begins that has none; nil: that is not known.
    private static func beginning(
        _ disk: any Disk, _ path: String, _ store: any AlertStore
    ) throws(StateError) -> Int64? {
        guard let noted = try store.cursor(of: name) else { return nil }
        if try RotatedFiles(path, disk).holds(noted) { return noted.nextNumber }
        let begun = try store.cursor(of: beginningName)?.nextNumber ?? 0
        return begun > 0 ? begun : nil
    }

    var cursor: LineCursor { file.cursor }

    /// Adds letters, without those that are in files with a number already.
    ///
    /// - Throws: where the same letters have to be added again.
    mutating func append(_ letters: NumberedLines) throws(StateError) {
        let known = file.nextNumber - letters.firstNumber
        if known >= letters.count { return }
        let start = known > 0 ? letters.ends[Int(known) - 1] : 0
        let bytes = start == 0 ? letters.bytes : Array(letters.bytes[start...])
        try file.append(bytes, upTo: letters.nextNumber)
    }

    /// Whether it is time to begin a new file.
    var isFull: Bool {
        guard let fileByteCount, !file.hasUnnoted else { return false }
        return file.cursor.place >= fileByteCount
    }

    /// Gives the file a number, and begins a new one.
    ///
    /// - Precondition: the journal has for good what led to the letters.
    mutating func rotate() throws(StateError) {
        try file.sync()
        let cursor = file.cursor
        try noteBeginning()
        try note(cursor)
        let rotated = RotatedFiles(file.path, disk)
        // It may have been renamed by an attempt that did not come to its end. That a file has the
        // number and the length says little here: it may be of another life.
        if try disk.byteCount(of: file.path) == cursor.place {
            try disk.rename(file.path, to: try rotated.freeName(for: cursor.nextNumber))
        }
        try disk.syncFolder(rotated.folder)
        let next = try LineFile(
            disk, path: file.path, cursor: LineCursor(nextNumber: cursor.nextNumber),
            firstNumber: cursor.nextNumber)
        try? file.close()
        file = next
        firstNumber = cursor.nextNumber
    }

    /// Goes on at a number, since what led to the letters from there on is lost: others will come.
    mutating func goOn(at next: Int64) throws(StateError) {
        guard file.nextNumber > next else { return }
        let cursor = LineCursor(nextNumber: next, place: file.cursor.place)
        if let firstNumber, firstNumber > next { self.firstNumber = nil }
        try noteBeginning()
        try note(LineCursor(nextNumber: next))
        file = try LineFile(disk, path: file.path, cursor: cursor, firstNumber: next)
    }

    /// Where it is not known, 0 takes the place of what was known of another file.
    private func noteBeginning() throws(StateError) {
        try store.setCursor(
            LineCursor(nextNumber: firstNumber ?? 0), of: DeadLetterFile.beginningName)
    }

    private func note(_ cursor: LineCursor) throws(StateError) {
        try store.setCursor(cursor, of: DeadLetterFile.name)
        try store.sync()
    }

    func sync() throws(StateError) { try file.sync() }
    mutating func takeProblem() -> String? { file.takeProblem() }
}
