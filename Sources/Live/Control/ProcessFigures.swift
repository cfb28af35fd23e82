// SPDX-License-Identifier: Apache-2.0
// Exercised by LiveControlTests.

internal import Glibc

/// What the machine says about the process.
package struct ProcessFigures: Sendable {
    package var processorSeconds: Double
    /// Nil: it does not say.
    package var residentByteCount: Int?

    package static var current: ProcessFigures {
        var usage = rusage()
        // SAFETY: the structure is valid for the call, which fills it.
        unsafe getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        let seconds = Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        let microseconds = Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
        return ProcessFigures(
            processorSeconds: seconds + microseconds / 1e6, residentByteCount: residentByteCount)
    }

    /// The second number of `/proc/self/statm` counts pages.
    private static var residentByteCount: Int? {
        // SAFETY: the path is a constant.
        let file = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        // SAFETY: the buffer has as many bytes as are asked for.
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe read(file, $0.baseAddress, $0.count)
        }
        guard count > 0 else { return nil }
        let words = String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ")
        return words.count > 1 ? Int(words[1]).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) } : nil
    }
}
