// SPDX-License-Identifier: Apache-2.0
// Rules files that a command writes. Exercised by FmtCommandTests and NewCommandTests.

internal import Glibc

extension RulesetLoader {
    /// Puts `bytes` in the place of a file's content: all of them or, whatever happens, none. Links
    /// stay links, and the file keeps its permissions.
    package static func replace(_ path: String, with bytes: [UInt8]) throws(RulesetLoadError) {
        let target = resolved(path)
        var status = stat()
        // SAFETY: `status` is valid for the call, which fills it.
        let isThere = unsafe stat(target, &status) == 0
        let draft = "\(target).martlet-\(getpid())"
        do throws(RulesetLoadError) {
            try write(bytes, to: draft, mode: isThere ? status.st_mode & 0o777 : 0o644)
            // SAFETY: both paths are C strings for the call.
            guard unsafe rename(draft, target) == 0 else {
                throw RulesetLoadError.cannotWrite(path: path, errno: errno)
            }
        } catch {
            // SAFETY: the path is a C string for the call.
            _ = unsafe unlink(draft)
            if case .cannotWrite(_, let errno) = error {
                throw RulesetLoadError.cannotWrite(path: path, errno: errno)
            }
            throw error
        }
    }

    /// Makes a folder of new files, which must not be there or be empty.
    ///
    /// - Returns: the paths of the files.
    package static func found(
        _ files: [(name: String, text: String)], in folder: String
    ) throws(RulesetLoadError) -> [String] {
        var made = folder.hasPrefix("/") ? "/" : ""
        for part in folder.split(separator: "/") {
            made += made.isEmpty || made == "/" ? "\(part)" : "/\(part)"
            // SAFETY: the path is a C string for the call.
            if unsafe mkdir(made, 0o777) != 0, errno != EEXIST {
                throw RulesetLoadError.cannotWrite(path: made, errno: errno)
            }
        }
        guard try names(in: folder).allSatisfy({ $0 == "." || $0 == ".." }) else {
            throw RulesetLoadError.notEmpty(folder: folder)
        }
        var paths: [String] = []
        for (name, text) in files {
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            try write(Array(text.utf8), to: path, mode: 0o644)
            paths.append(path)
        }
        return paths
    }

    private static func write(
        _ bytes: [UInt8], to path: String, mode: mode_t
    ) throws(RulesetLoadError) {
        // SAFETY: the path is a C string for the call.
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else {
            throw RulesetLoadError.cannotWrite(path: path, errno: errno)
        }
        defer { close(descriptor) }
        _ = fchmod(descriptor, mode)
        var done = 0
        while done < bytes.count {
            // SAFETY: write(2) reads bytes.count - done bytes from `done` on.
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw RulesetLoadError.cannotWrite(path: path, errno: count < 0 ? errno : EIO)
            }
            done += count
        }
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            throw RulesetLoadError.cannotWrite(path: path, errno: errno)
        }
    }

    /// The path without links; itself where there is no such file.
    private static func resolved(_ path: String) -> String {
        // SAFETY: the path is a C string for the call, which allocates its answer.
        guard let real = unsafe realpath(path, nil) else { return path }
        // SAFETY: the answer is a C string of our own, and not used afterwards.
        defer { unsafe free(real) }
        // SAFETY: as above.
        return unsafe String(cString: real)
    }
}
