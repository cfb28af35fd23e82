// SPDX-License-Identifier: Apache-2.0
// Exercised by PackedFileTests.

internal import Connectors
internal import Glibc

/// What a packed file holds, unpacked, as far as the file has been written.
final class PackedContent {
    /// Bytes that have been given out or passed over.
    private(set) var place: Int64 = 0
    /// Whether all of it has been; then the file is not looked at again.
    private(set) var isAtEnd = false
    private let descriptor: CInt
    private var source: ByteSource?
    private var isOpen = false
    /// Bytes that `source` has given.
    private var unpackedCount: Int64 = 0
    /// The size of the file when it could not be read further; nil: it can be.
    private var stoppedSize: Int64?
    private var problem: String?

    /// - Parameter descriptor: of the file, which stays open.
    init(descriptor: CInt) { self.descriptor = descriptor }

    private static let beginnings = [ByteSource.gzipBeginning] + ByteSource.zstdBeginnings
    static let beginningByteCap = 4

    /// Whether a file is packed, by its first bytes; nil: there are too few of them.
    static func isPacked(_ beginning: [UInt8]) -> Bool? {
        if beginnings.contains(where: { beginning.starts(with: $0) }) { return true }
        return beginnings.contains { $0.starts(with: beginning) } ? nil : false
    }

    /// Goes on at a place.
    func passOver(to place: Int64) { self.place = place }
    func passOverAll() { isAtEnd = true }

    /// The next bytes; empty: there are none now.
    func next() -> [UInt8] {
        if isAtEnd { return [] }
        let size = byteCount
        if let stoppedSize {
            if stoppedSize == size { return [] }
            close()
        }
        var bytes: [UInt8] = []
        do throws(FeedError) {
            try open()
            while true {
                bytes.removeAll(keepingCapacity: true)
                guard try source?.read(appendingTo: &bytes) ?? false else {
                    isAtEnd = true
                    // Whatever was here before has been cut off.
                    place = min(place, unpackedCount)
                    close()
                    return []
                }
                let new = new(in: bytes)
                if !new.isEmpty { return new }
            }
        } catch {
            stoppedSize = size
            switch error {
            // Whoever writes it may not be done.
            case .truncated: break
            case .corrupt(_, let detail): problem = detail
            default: problem = "\(error)"
            }
            return new(in: bytes)
        }
    }

    /// What of bytes that were unpacked stands behind the place, which moves on behind them.
    private func new(in bytes: [UInt8]) -> [UInt8] {
        unpackedCount += Int64(bytes.count)
        guard unpackedCount > place else { return [] }
        let count = min(unpackedCount - place, Int64(bytes.count))
        place = unpackedCount
        return Array(bytes.suffix(Int(count)))
    }

    private func open() throws(FeedError) {
        if isOpen { return }
        source = try ByteSource(path: "/proc/self/fd/\(descriptor)")
        isOpen = true
    }

    private func close() {
        source = nil
        isOpen = false
        unpackedCount = 0
        stoppedSize = nil
    }

    private var byteCount: Int64 {
        var status = stat()
        // SAFETY: `status` is valid for the call, which fills it.
        return unsafe fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// Why it cannot be unpacked, once.
    func takeProblem() -> String? {
        defer { problem = nil }
        return problem
    }

    // MARK: A look at it

    /// Its first bytes, up to `count`, as far as they are there.
    func beginning(_ count: Int64) -> [UInt8] {
        var bytes: [UInt8] = []
        do throws(FeedError) {
            var source = try ByteSource(path: "/proc/self/fd/\(descriptor)")
            while bytes.count < count, try source.read(appendingTo: &bytes) {}
        } catch {
            // What could be unpacked counts.
        }
        return Array(bytes.prefix(Int(count)))
    }

    /// What a look at a place found.
    enum Glimpse {
        /// There are as many bytes: up to 256 of the first, and of the last before the place.
        case bytes(first: [UInt8], last: [UInt8])
        /// There are fewer.
        case tooShort
        /// There are not as many yet.
        case notYet
    }

    /// Looks at the bytes before a place, whatever has been given out.
    ///
    /// - Shape: unpacks everything before it.
    func glimpse(at place: Int64) -> Glimpse {
        let width = FileMark.beginningByteCap
        var (first, last): ([UInt8], [UInt8]) = ([], [])
        var count: Int64 = 0
        do throws(FeedError) {
            var source = try ByteSource(path: "/proc/self/fd/\(descriptor)")
            var bytes: [UInt8] = []
            while count < place {
                bytes.removeAll(keepingCapacity: true)
                guard try source.read(appendingTo: &bytes) else { return .tooShort }
                let wanted = bytes.prefix(Int(min(place - count, Int64(bytes.count))))
                if first.count < width { first += wanted.prefix(width - first.count) }
                last = Array((last + wanted.suffix(width)).suffix(width))
                count += Int64(wanted.count)
            }
        } catch {
            if case .truncated = error { return .notYet }
            return .tooShort
        }
        return .bytes(first: first, last: last)
    }
}
