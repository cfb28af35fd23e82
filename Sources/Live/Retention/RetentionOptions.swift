// SPDX-License-Identifier: Apache-2.0

package import EventModel

/// How much of what nothing needs any more is kept in the state folder.
package struct RetentionOptions: Hashable, Sendable {
    /// How long alerts are kept after they were stored; nil: for ever.
    package var alertSpan: TimeSpan? = TimeSpan(seconds: 90 * 86_400)
    /// The room that alerts may take; nil: any.
    package var alertByteCap: Int64? = 10 << 30
    /// The length at which a new file of dead letters is begun; nil: none ever is.
    package var letterFileByteCount: Int64? = 64 << 20
    /// Files of dead letters that are kept beside the present one, of the feeds and of each sink.
    package var letterFileCount = 4

    package init() {}

    /// With which nothing is ever removed.
    package static var everything: RetentionOptions {
        var options = RetentionOptions()
        options.alertSpan = nil
        options.alertByteCap = nil
        options.letterFileByteCount = nil
        return options
    }
}
