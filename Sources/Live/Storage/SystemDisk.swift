// SPDX-License-Identifier: Apache-2.0
// Exercised by JournalTests and LineFileTests.

package import EventModel
internal import Glibc

/// The machine's own files.
package final class SystemDisk: Disk {
    package init() {}

    package func makeFolder(_ path: String) throws(StateError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made == "/" ? part : "/\(part)"
            // SAFETY: the path is a C string for the call.
            guard unsafe mkdir(made, 0o700) == 0 || errno == EEXIST else {
                throw StateError.system("make the folder", made, errno: errno)
            }
        }
        var status = stat()
        // SAFETY: `status` is valid for the call, which fills it.
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw StateError.system("make the folder", path, errno: EEXIST)
        }
    }

    package func names(in folder: String) throws(StateError) -> [String] {
        // SAFETY: the path is a C string for the call; the stream is closed below.
        guard let stream = unsafe opendir(folder) else {
            throw StateError.system("open the folder", folder, errno: errno)
        }
        // SAFETY: the stream is open and not used afterwards.
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            // SAFETY: the stream is open; the entry is read before the next call.
            guard let entry = unsafe readdir(stream) else { break }
            // SAFETY: d_name is a C string inside the entry, which is valid until the next call.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw StateError.system("read the folder", folder, errno: errno) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    package func syncFolder(_ path: String) throws(StateError) {
        let descriptor = try SystemDisk.open(path, O_RDONLY | O_DIRECTORY)
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw StateError.system("sync", path, errno: errno) }
    }

    package func read(_ path: String) throws(StateError) -> [UInt8] {
        try read(path, from: 0, count: .max)
    }

    package func read(
        _ path: String, from offset: Int64, count: Int
    ) throws(StateError) -> [UInt8] {
        let descriptor = try SystemDisk.open(path, O_RDONLY)
        defer { Glibc.close(descriptor) }
        var status = stat()
        // SAFETY: `status` is valid for the call, which fills it.
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw StateError.system("read", path, errno: errno)
        }
        let wanted = max(0, min(count, Int(status.st_size) - Int(offset)))
        var problem: CInt = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { room, initializedCount in
            while initializedCount < wanted {
                // SAFETY: pread(2) fills at most what is left of the room.
                let done = unsafe pread(
                    descriptor, room.baseAddress?.advanced(by: initializedCount),
                    wanted - initializedCount, off_t(offset) + off_t(initializedCount))
                if done < 0, errno == EINTR { continue }
                if done < 0 { problem = errno }
                if done <= 0 { break }
                initializedCount += done
            }
        }
        if problem != 0 { throw StateError.system("read", path, errno: problem) }
        return bytes
    }

    package func byteCount(of path: String) throws(StateError) -> Int64? {
        var status = stat()
        // SAFETY: the path is a C string and `status` is valid for the call, which fills it.
        if unsafe stat(path, &status) == 0 { return Int64(status.st_size) }
        if errno == ENOENT { return nil }
        throw StateError.system("open", path, errno: errno)
    }

    package func modifiedAt(_ path: String) throws(StateError) -> StreamTime? {
        var status = stat()
        // SAFETY: the path is a C string and `status` is valid for the call, which fills it.
        if unsafe stat(path, &status) == 0 {
            let time = status.st_mtim
            return StreamTime(
                nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
        }
        if errno == ENOENT { return nil }
        throw StateError.system("open", path, errno: errno)
    }

    package func rename(_ path: String, to newPath: String) throws(StateError) {
        // SAFETY: both paths are C strings for the call.
        guard unsafe Glibc.rename(path, newPath) == 0 else {
            throw StateError.system("rename", path, errno: errno)
        }
    }

    package func remove(_ path: String) throws(StateError) {
        // SAFETY: the path is a C string for the call.
        guard unsafe unlink(path) == 0 else {
            throw StateError.system("remove", path, errno: errno)
        }
    }

    package func openForAppending(_ path: String) throws(StateError) -> any DiskFile {
        try SystemFile(path)
    }

    fileprivate static func open(_ path: String, _ flags: CInt) throws(StateError) -> CInt {
        // SAFETY: the path is a C string for the call.
        let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StateError.system("open", path, errno: errno) }
        return descriptor
    }
}

/// A file of the machine.
// SAFETY: `@unchecked Sendable`: whoever holds it uses it from one thread at a time.
@safe
private final class SystemFile: DiskFile, @unchecked Sendable {
    let path: String
    private(set) var byteCount: Int64
    private var descriptor: CInt

    init(_ path: String) throws(StateError) {
        self.path = path
        descriptor = try SystemDisk.open(path, O_WRONLY | O_CREAT)
        let end = lseek(descriptor, 0, SEEK_END)
        byteCount = Int64(max(end, 0))
        // `deinit` closes it.
        if end < 0 { throw StateError.system("open", path, errno: errno) }
    }

    deinit {
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    func append(_ bytes: [UInt8]) throws(StateError) {
        var done = 0
        while done < bytes.count {
            // SAFETY: pwrite(2) reads bytes.count - done bytes from `done` on.
            let count = unsafe bytes.withUnsafeBytes {
                unsafe pwrite(
                    descriptor, $0.baseAddress?.advanced(by: done), $0.count - done,
                    off_t(byteCount))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw StateError.system("write", path, errno: count < 0 ? errno : EIO)
            }
            done += count
            byteCount += Int64(count)
        }
    }

    func truncate(to byteCount: Int64) throws(StateError) {
        guard ftruncate(descriptor, off_t(byteCount)) == 0 else {
            throw StateError.system("cut off", path, errno: errno)
        }
        self.byteCount = byteCount
    }

    func sync() throws(StateError) {
        guard fdatasync(descriptor) == 0 else {
            throw StateError.system("sync", path, errno: errno)
        }
    }

    func close() throws(StateError) {
        let closing = descriptor
        descriptor = -1
        guard closing < 0 || Glibc.close(closing) == 0 else {
            throw StateError.system("close", path, errno: errno)
        }
    }
}
