// SPDX-License-Identifier: Apache-2.0

/// What the decoders have to take out of incoming events: the projection of the loaded rules.
///
/// - Shape: `types` is indexed by incoming type index; slots are numbered over all types.
package struct DecodePlan: Sendable {
    /// One field to fill: the value at `path` goes, converted to each target's type, into its slot.
    package struct Field: Sendable {
        /// A dotted path: a flat field of that very name is taken first, then a nested one.
        package var path: String
        package var targets: [Target]

        package init(path: String, targets: [Target]) {
            self.path = path
            self.targets = targets
        }
    }

    package struct Target: Sendable {
        package var slot: Int
        /// What the value has to be; one that does not fit leaves the slot missing and is counted.
        package var type: ValueType
        /// Whether a text may be left where it is, as a `Slot.excerpt`, because it is read only
        /// while the batch is at work.
        package var isExcerpt = false

        package init(slot: Int, type: ValueType) {
            self.slot = slot
            self.type = type
        }
    }

    package struct IncomingType: Sendable {
        package var name: String
        package var fields: [Field]
        /// Where this type's time is, and its form; nil: the feed's own way.
        package var timePath: String?
        package var timeFormat: String?
        /// Where this type's id is; nil: a top-level `id` that is a text or an integer, if there is
        /// one.
        package var idPath: String?

        package init(
            name: String, fields: [Field], timePath: String?, timeFormat: String?, idPath: String?
        ) {
            self.name = name
            self.fields = fields
            self.timePath = timePath
            self.timeFormat = timeFormat
            self.idPath = idPath
        }
    }

    package var types: [IncomingType]
    /// The fields to take out of events of any other type; nil where no rule wants those events
    /// (they are counted and passed over).
    package var otherFields: [Field]?
    package var slotCount: Int

    package init(types: [IncomingType], otherFields: [Field]?, slotCount: Int) {
        self.types = types
        self.otherFields = otherFields
        self.slotCount = slotCount
    }

    /// The incoming type index of events that are of none of `types`.
    package static let otherType = -1
}
