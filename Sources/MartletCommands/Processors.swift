// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Pipeline

/// The processors of this machine.
enum Processors {
    /// How many there are, from 1 to as many as a replay can use.
    static var availableCount: Int {
        min(max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1), ReplayOptions.threadCap)
    }
}
