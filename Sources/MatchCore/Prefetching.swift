// SPDX-License-Identifier: Apache-2.0

internal import BasicContainers
internal import CByteScan

extension UniqueArray where Element: ~Copyable {
    /// Asks for the memory of element `index`, so that it is there when it is looked at.
    @inline(__always)
    func prefetch(_ index: Int) {
        // SAFETY: nothing is read, and any address may be asked for.
        unsafe span.withUnsafeBufferPointer {
            unsafe martlet_prefetch($0.baseAddress.map { unsafe $0 + index })
        }
    }
}
