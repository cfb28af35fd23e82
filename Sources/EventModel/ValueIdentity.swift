// SPDX-License-Identifier: Apache-2.0

/// What makes a value distinct from others: equal exactly for values that `==` finds equal, and
/// for two missing ones. `Value`'s own `==` differs: there `1` is not `1.0`, and texts are equal
/// that look alike in other bytes.
package struct ValueIdentity: Hashable, Sendable {
    private indirect enum Form: Hashable, Sendable {
        case text([UInt8])
        case list([Form])
        case other(Value)
    }

    private let form: Form

    package init(_ value: Value) { form = ValueIdentity.form(value) }

    private static func form(_ value: Value) -> Form {
        switch value {
        case .string(let text): .text(Array(text.utf8))
        case .list(let elements): .list(elements.map(form))
        // A whole float equals the int of that number.
        case .float(let number): .other(Int64(exactly: number).map(Value.int) ?? value)
        default: .other(value)
        }
    }
}
