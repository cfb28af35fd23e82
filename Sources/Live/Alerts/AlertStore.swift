// SPDX-License-Identifier: Apache-2.0

/// An alert that is stored.
package struct StoredAlert: Hashable, Sendable {
    package var number: Int64
    /// A JSON object, without a newline.
    package var json: String
    /// Whether `json` is something else than what was stored.
    package var isDamaged = false

    package init(number: Int64, json: String) {
        self.number = number
        self.json = json
    }
}

/// Where alerts are kept once and for all, by their numbers: what sinks take theirs from, each at
/// its own pace.
package protocol AlertStore: AnyObject, Sendable {
    /// One more than the number of the last alert; 1: there is none.
    func nextNumber() throws(StateError) -> Int64
    /// Adds alerts; those whose number is there already are passed over.
    func append(_ alerts: NumberedLines) throws(StateError)
    /// Comes back when all that was appended is there for good.
    func sync() throws(StateError)
    /// Alerts from a number on, in order, at most `limit`.
    func alerts(from number: Int64, limit: Int) throws(StateError) -> [StoredAlert]
    /// Alerts of rules with `resolve on` before a number that no notice before it resolves, in
    /// order.
    func openAlerts(before number: Int64) throws(StateError) -> [StoredAlert]

    /// Below this number there are no alerts any more, but for those that are still open, and none
    /// is added.
    func firstKeptNumber() throws(StateError) -> Int64
    /// Removes alerts before a number, as far as each of some sinks has had them; alerts of rules
    /// with `resolve on` stay until their notice is removed too.
    func removeAlerts(before limit: Int64, sentBy sinks: [String]) throws(StateError)
        -> AlertRemoval
    /// Bytes that are taken, without what removed alerts have left for new ones.
    func usedByteCount() throws(StateError) -> Int64
    /// When alerts were stored, in order.
    func ageMarks() throws(StateError) -> [AgeMark]
    func setAgeMarks(_ marks: [AgeMark]) throws(StateError)

    /// Does what is to be done now and then, beside whoever stores alerts.
    func tidy() throws(StateError)

    func cursor(of sink: String) throws(StateError) -> LineCursor?
    func setCursor(_ cursor: LineCursor, of sink: String) throws(StateError)
}
