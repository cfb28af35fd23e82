// SPDX-License-Identifier: Apache-2.0

internal import Connectors
internal import Glibc

/// The files that fuzzing and measuring read and leave behind.
package enum ScratchFiles {
    /// The contents of the files in `folder`, in order of their names; empty where there is none.
    package static func contents(ofFolder folder: String) -> [[UInt8]] {
        names(inFolder: folder).compactMap { read("\(folder)/\($0)") }
    }

    /// The names in `folder`, in order, without what is hidden.
    private static func names(inFolder folder: String) -> [String] {
        // SAFETY: the path is a C string for the call; the stream is closed below.
        guard let stream = unsafe opendir(folder) else { return [] }
        // SAFETY: the stream is open and not used afterwards.
        defer { unsafe closedir(stream) }
        var names: [String] = []
        // SAFETY: the stream is open; the entry is read before the next call.
        while let entry = unsafe readdir(stream) {
            // SAFETY: d_name is a C string inside the entry, which is valid until the next call.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// The bytes of a file; nil where it cannot be read.
    package static func read(_ path: String) -> [UInt8]? {
        // SAFETY: the path is a C string for the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            // SAFETY: the buffer has as many bytes as are asked for.
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            if count <= 0 { return count == 0 ? bytes : nil }
            bytes += chunk[..<count]
        }
    }

    /// Makes a file with `bytes` in it; false where that fails.
    package static func write(_ bytes: [UInt8], to path: String) -> Bool {
        do {
            var sink = try FileSink(path: path)
            try sink.write(bytes.span)
            try sink.close()
            return true
        } catch {
            return false
        }
    }

    /// Makes a folder and those above it.
    package static func makeFolder(_ path: String) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += "\(part)/"
            // SAFETY: the path is a C string for the call.
            _ = unsafe mkdir(made, 0o755)
        }
    }

    package static func move(_ path: String, to target: String) -> Bool {
        // SAFETY: the paths are C strings for the call.
        unsafe rename(path, target) == 0
    }

    package static func remove(_ path: String) {
        // SAFETY: the path is a C string for the call.
        _ = unsafe unlink(path)
    }

    /// Where a folder of this process's own for files is that nobody needs afterwards: in memory
    /// where that can be, as small files are made anew thousands of times.
    private static var scratchFolder: String {
        // SAFETY: the path is a C string for the call.
        let parent = unsafe access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        return "\(parent)/martlet-fuzz-\(getpid())"
    }

    package static func makeScratchFolder() -> String {
        makeFolder(scratchFolder)
        return scratchFolder
    }

    /// Removes the folder that `makeScratchFolder` made, if it did, with its files.
    package static func removeScratchFolder() {
        let path = scratchFolder
        for name in names(inFolder: path) { remove("\(path)/\(name)") }
        // SAFETY: the path is a C string for the call.
        _ = unsafe rmdir(path)
    }

    package static func exists(_ path: String) -> Bool {
        // SAFETY: the path is a C string for the call.
        unsafe access(path, F_OK) == 0
    }

    /// Where files go that a later run may use again.
    package static var temporaryFolder: String {
        // SAFETY: getenv gives a C string or null; it is copied at once.
        unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    }

    /// The machine's load over a minute, with one decimal.
    package static var load: String {
        var average = 0.0
        // SAFETY: one number is asked for, and there is room for one.
        guard unsafe getloadavg(&average, 1) == 1 else { return "unknown" }
        return "\((average * 10).rounded() / 10)"
    }

    /// The folder of the program that runs.
    package static var ownFolder: String {
        let path = ownPath
        return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    /// The path of the program that runs.
    package static var ownPath: String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        // SAFETY: the buffer has as many bytes as are said.
        let count = unsafe buffer.withUnsafeMutableBytes {
            unsafe readlink("/proc/self/exe", $0.baseAddress!, $0.count)
        }
        return String(decoding: buffer[..<max(count, 0)], as: UTF8.self)
    }
}

/// The input at hand, on disk before it is tried: what a trap leaves behind. Without a path it does
/// nothing, and no input is timed.
struct FuzzScratch: ~Copyable {
    private let descriptor: CInt

    /// - Precondition: the file can be written.
    init(path: String?) {
        guard let path else {
            descriptor = -1
            return
        }
        // SAFETY: the path is a C string for the call.
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        precondition(descriptor >= 0, "the file for the input at hand can be written: \(path)")
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Keeps `bytes` and gives them their time.
    func put(_ bytes: [UInt8]) {
        guard descriptor >= 0 else { return }
        // SAFETY: pwrite(2) reads the bytes of the buffer.
        let count = unsafe bytes.withUnsafeBytes {
            unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0)
        }
        precondition(count == bytes.count, "the input at hand is on disk")
        ftruncate(descriptor, bytes.count)
        FuzzBounds.restartTimer()
    }

    func stop() { if descriptor >= 0 { FuzzBounds.stopTimer() } }
}

/// Bounds on what one input may use, so that a hang or a bomb is a failure like any other.
enum FuzzBounds {
    /// Memory of the whole process.
    static let byteCap: UInt = 6 << 30
    /// One input, by the wall clock.
    static let secondsCap: UInt32 = 20

    static func boundMemory() {
        var bound = rlimit(rlim_cur: byteCap, rlim_max: byteCap)
        // SAFETY: `bound` is valid for the call.
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &bound)
    }

    /// Lets SIGALRM end the process unless this is called again in time.
    static func restartTimer() { alarm(secondsCap) }
    static func stopTimer() { alarm(0) }
}
