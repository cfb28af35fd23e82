// SPDX-License-Identifier: Apache-2.0
// Exercised by MemoryLimitTests.

internal import Glibc

/// Looks from time to time at how much memory the process has needed.
struct MemoryWatch {
    /// Batches between two looks: one takes about as long as a few events.
    private static let batchesPerLook = 16

    /// Bytes; nil: there is no limit.
    private let limit: Int?
    private var batches = 0
    private var wasFull = false

    init(limit: Int?) { self.limit = limit }

    /// Whether nine tenths of the limit have been needed. What the engines give back they use
    /// again, so it stays so once it is.
    mutating func isFull() -> Bool {
        guard let limit, !wasFull else { return wasFull }
        if batches % MemoryWatch.batchesPerLook == 0 {
            wasFull = MemoryWatch.peakByteCount >= limit / 10 * 9
        }
        batches += 1
        return wasFull
    }

    private static var peakByteCount: Int {
        var usage = rusage()
        // SAFETY: the structure is valid for the call, which fills it.
        unsafe getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
    }
}
