// SPDX-License-Identifier: Apache-2.0

/// How the text of an event came in; what alerts show of it is always one JSON object.
package struct TextForm: Hashable, BitwiseCopyable, Sendable {
    package enum Kind: UInt8, BitwiseCopyable, Sendable {
        /// The JSON object itself.
        case object
        /// A line of a log without a header.
        case plainLine
        /// A line with an RFC 3164 header from `place` on, which is behind the stamp.
        case oldHeader
        /// A line with an RFC 5424 header, whose stamp is at `place`.
        case newHeader
        /// A row of CSV, whose columns are number `place` of its batch. It waits in batches alone:
        /// of a bound event the object is kept.
        case row
    }

    package let kind: Kind
    package let place: Int

    @inlinable
    package init(_ kind: Kind, place: Int = 0) {
        self.kind = kind
        self.place = place
    }

    @inlinable package static var object: TextForm { TextForm(.object) }
}
