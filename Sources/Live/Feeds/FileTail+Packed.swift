// SPDX-License-Identifier: Apache-2.0
// Exercised by PackedFileTests.

/// Packed files among those of a pattern: each is read once, whole. One that a file has been packed
/// into which was read before is gone on with where that ended, by what the two have in common.
extension FileTail {
    /// Decides where packed files begin that have not been met.
    ///
    /// A file that is still there, and is what was packed, is read on by itself: what was packed of
    /// it is begun once it has gone.
    func meetPackedFiles(among found: [TailedFile]) {
        for file in found where file.isPacked && !file.isMet {
            if let origin = file.origin {
                if found.contains(where: { $0 === origin }) { continue }
                file.resume(at: origin.offset)
                continue
            }
            if !findOrigin(of: file, among: found) { continue }
            if file.origin == nil, !file.isMet { file.resume(at: 0) }
        }
    }

    /// Looks for the file that was packed, and has the packed one know it or go on where it ended;
    /// false: too little of it is there to tell.
    private func findOrigin(of file: TailedFile, among found: [TailedFile]) -> Bool {
        for other in found where !other.isPacked && other.offset > 0 {
            switch file.holds(Place(other)) {
            case true?:
                file.origin = other
                return true
            case false?: continue
            case nil: return false
            }
        }
        for (number, place) in departed.enumerated() {
            switch file.holds(place) {
            case true?:
                departed.remove(at: number)
                file.resume(at: place.offset)
                return true
            case false?: continue
            case nil: return false
            }
        }
        return true
    }

    /// Notes where a file ended that has gone, or was not met again.
    func noteDeparture(_ place: Place) {
        guard place.offset > 0, place.end != nil else { return }
        departed.append(place)
        if departed.count > FileTail.departureCap { departed.removeFirst() }
    }

    /// Why files cannot be opened or unpacked, each once; for the log.
    package func takeProblems() -> [String] {
        defer { problems = [] }
        return problems
            + files.compactMap { file in
                file.takeProblem().map { "`\(file.path)` cannot be unpacked: \($0)" }
            }
    }
}

extension TailedFile {
    /// Whether a packed file holds what was read of a file up to a place; nil: too little of it is
    /// there to tell.
    fileprivate func holds(_ place: FileTail.Place) -> Bool? {
        guard let packed, let end = place.end, place.offset > 0 else { return false }
        // The first bytes tell most files apart, and cost little.
        let firstCount = Int64(place.mark.beginningByteCount)
        if place.offset >= firstCount {
            switch packed.glimpse(at: firstCount) {
            case .bytes(let first, _):
                guard Checksum.crc32c(first.span) == place.mark.checksum else { return false }
            case .tooShort: return false
            case .notYet: return nil
            }
        }
        switch packed.glimpse(at: place.offset) {
        case .bytes(_, let last): return Checksum.crc32c(last.span) == end
        case .tooShort: return false
        case .notYet: return nil
        }
    }
}
