// SPDX-License-Identifier: Apache-2.0
// The forms are those of the schemas in OpenAPISchemas. Exercised by RulesRouteTests and
// OpenAPITests.

internal import Connectors
internal import Diagnostics
internal import EventModel
internal import Live

extension StatusJSON {
    /// How the rules in force are, for the status.
    static func write(_ status: RulesStatus, to json: inout JSONWriter) {
        json.beginObject()
        json.pair("version", Int(status.version))
        json.pair("changes", status.changeCount)
        json.pair("refusals", status.refusalCount)
        json.key("last_refusal")
        if let refusal = status.lastRefusal {
            json.beginObject()
            json.pair("time", refusal.time)
            json.pair("reason", refusal.reason)
            json.endObject()
        } else {
            json.null()
        }
        json.endObject()
    }

    /// The rules in force, as they are written.
    static func write(
        _ change: RulesChange, _ texts: RulesTexts, folder: UploadFolder,
        to json: inout JSONWriter
    ) {
        json.beginObject()
        json.pair("version", Int(change.version))
        json.pair("since", change.time)
        json.pair("source", change.source.rawValue)
        json.pair("author", change.author)
        json.pair("note", change.note)
        write("disabled", change.disabled, to: &json)
        json.key("files")
        json.beginObject()
        for file in texts.files {
            json.pair(folder.name(of: file.name), String(decoding: file.bytes, as: UTF8.self))
        }
        json.endObject()
        json.endObject()
    }

    /// A page of the history, the newest change first.
    ///
    /// - Parameter isWhole: whether there are no older ones.
    static func write(_ changes: [RulesChange], isWhole: Bool, to json: inout JSONWriter) {
        json.beginObject()
        json.key("changes")
        json.beginArray()
        for change in changes {
            json.beginObject()
            json.pair("number", Int(change.number))
            json.pair("time", change.time)
            json.pair("source", change.source.rawValue)
            json.pair("author", change.author)
            json.pair("note", change.note)
            json.pair("version", Int(change.version))
            write("disabled", change.disabled, to: &json)
            json.pair("summary", change.summary)
            json.endObject()
        }
        json.endArray()
        json.key("next_before")
        if let last = changes.last, !isWhole { json.int(last.number) } else { json.null() }
        json.endObject()
    }

    /// What a change did.
    static func write(
        _ report: RulesReport, _ findings: [Diagnostic], folder: UploadFolder,
        to json: inout JSONWriter
    ) {
        json.beginObject()
        json.pair("version", Int(report.version))
        json.key("has_changed")
        json.bool(report.change > 0)
        json.pair("summary", report.summary)
        for fate in RulesReport.Fate.allCases {
            write(fate.rawValue, report.names(fate), to: &json)
        }
        json.pair("dropped_attempts", report.lostAttempts)
        json.pair("dropped_events", report.lostHeldCount)
        json.pair("resolved_alerts", report.resolvedAlerts)
        json.key("diagnostics")
        write(findings, folder: folder, to: &json)
        json.endObject()
    }

    static func write(
        _ diagnostics: [Diagnostic], folder: UploadFolder, to json: inout JSONWriter
    ) {
        json.beginArray()
        for diagnostic in diagnostics {
            json.beginObject()
            json.pair("code", diagnostic.code)
            json.pair("severity", diagnostic.severity.rawValue)
            json.pair("message", diagnostic.message)
            write(diagnostic.span, folder: folder, to: &json)
            json.pair("help", diagnostic.label)
            json.key("fix")
            if let fix = diagnostic.fix { json.string(fix) } else { json.null() }
            json.key("notes")
            json.beginArray()
            for note in diagnostic.notes {
                json.beginObject()
                json.pair("message", note.message)
                if let span = note.span { write(span, folder: folder, to: &json) }
                json.endObject()
            }
            json.endArray()
            json.endObject()
        }
        json.endArray()
    }

    private static func write(
        _ span: SourceSpan, folder: UploadFolder, to json: inout JSONWriter
    ) {
        json.pair("file", folder.name(of: span.file.name))
        json.pair("line", span.line)
        json.pair("column", span.column)
    }

    private static func write(_ key: String, _ texts: [String], to json: inout JSONWriter) {
        json.key(key)
        json.beginArray()
        for text in texts { json.string(text) }
        json.endArray()
    }
}
