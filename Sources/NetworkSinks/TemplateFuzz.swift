// SPDX-License-Identifier: Apache-2.0

package import Live

/// Templates as a function over any text, for fuzzers.
package enum TemplateFuzz {
    /// What a template makes of an alert; nil: it has mistakes.
    package static func text(
        _ template: String, of alert: StoredAlert, isJSON: Bool
    ) -> String? {
        let made = try? AlertTemplate(template, isJSON ? .json : .text, ofSink: "fuzz")
        return made?.text(of: AlertContent(alert, withEvents: true))
    }
}
