// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A part that keeps the structure around it in memory.
///
/// The compiler passes a structure that it may load to registers by value, even where it is only
/// lent: for one of a thousand bytes each such call copies all of it (measured: a quarter of all
/// instructions of an event). What holds an atomic cannot be moved about, so it is lent by its
/// address.
struct InPlace: ~Copyable, Sendable {
    private let anchor = Atomic<UInt8>(0)
}
