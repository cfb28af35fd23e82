// SPDX-License-Identifier: Apache-2.0
// The text format of Prometheus, version 0.0.4. Exercised by MetricsTests.

internal import EventModel

/// A value of a metric with its labels.
struct MetricSample: Sendable {
    var labels: [(name: String, value: String)] = []
    var value: Double

    init(_ value: Double, _ labels: [(name: String, value: String)] = []) {
        self.labels = labels
        self.value = value
    }

    init(_ value: Int, _ labels: [(name: String, value: String)] = []) {
        self.init(Double(value), labels)
    }
}

/// Writes metrics as Prometheus reads them.
struct MetricsWriter {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    mutating func head(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(MetricsWriter.escaped(help, quotes: false))\n"
        text += "# TYPE \(name) \(type)\n"
    }

    mutating func sample(_ name: String, _ sample: MetricSample) {
        text += name
        if !sample.labels.isEmpty {
            text += "{"
            for (place, label) in sample.labels.enumerated() {
                if place > 0 { text += "," }
                text += "\(label.name)=\"\(MetricsWriter.escaped(label.value, quotes: true))\""
            }
            text += "}"
        }
        text += " \(MetricsWriter.number(sample.value))\n"
    }

    /// A histogram's counts, each with those below it.
    mutating func histogram(_ name: String, bounds: [Double], counts: [Int], sum: Double) {
        var total = 0
        for (place, count) in counts.enumerated() {
            total += count
            let bound = place < bounds.count ? MetricsWriter.number(bounds[place]) : "+Inf"
            sample("\(name)_bucket", MetricSample(total, [("le", bound)]))
        }
        sample("\(name)_sum", MetricSample(sum))
        sample("\(name)_count", MetricSample(total))
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value) { return String(whole) }
        return value.description
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
