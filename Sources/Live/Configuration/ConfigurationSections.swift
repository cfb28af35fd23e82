// SPDX-License-Identifier: Apache-2.0
// A table: every option of a configuration.

internal import Connectors

/// What a configuration may hold.
package enum ConfigurationSections {
    package static let topLevel = SectionDeclaration(
        name: "", summary: "A live pipeline: rules over feeds, alerts to sinks",
        options: [
            OptionDeclaration(
                "rules", .paths, isRequired: true,
                "Rules files, or folders with every `*.martlet` below them"),
            OptionDeclaration(
                "dead_letters", .path,
                "Where records go that become no event; `dead-letters.jsonl` in the state folder "
                    + "otherwise"),
            OptionDeclaration(
                "shutdown_timeout", .duration, default: "30s",
                "How long it may take to end cleanly; then it ends at once, and the next start "
                    + "goes on from the journal"),
        ])

    /// Those that stand under their names and have options only.
    static let named = [state, limits, admin, log]

    package static let state = SectionDeclaration(
        name: "state", summary: "What lasts: the journal, checkpoints and alerts, and for how long",
        options: [
            OptionDeclaration(
                "folder", .path, default: "state", "The folder; it belongs to one process"),
            OptionDeclaration(
                "checkpoint_every", .duration, default: "1m",
                "How long the journal that a restart has to work in again may become"),
            OptionDeclaration(
                "checkpoints", .integer(1...100), default: "3",
                "Checkpoints that are kept; the journal reaches back to the oldest"),
            OptionDeclaration(
                "sync_every", .duration, default: "100ms",
                "How often the journal is synced for feeds with `sync: interval`"),
            OptionDeclaration(
                "keep_alerts", .duration, default: "90d",
                "How long an alert stays in the database after it was stored, if every sink has "
                    + "had it; `0s`: for ever"),
            OptionDeclaration(
                "keep_alerts_size", .size(), default: "10GB",
                "The room that alerts may take in the database; beyond it the oldest go before "
                    + "their time, if every sink has had them"),
            OptionDeclaration(
                "rotate_dead_letters", .size(), default: "64MB",
                "The length at which a file of dead letters, of the feeds or of a sink, gets a "
                    + "number into its name and a new one is begun"),
            OptionDeclaration(
                "keep_dead_letters", .integer(1...100_000), default: "4",
                "Files with numbers that are kept, of the feeds and of each sink"),
        ])

    package static let limits = SectionDeclaration(
        name: "limits",
        summary: "What rules may hold at once; what goes beyond is counted, for each rule",
        options: RuleLimits.options)

    package static let admin = SectionDeclaration(
        name: "admin", summary: "The admin server: health, metrics, alerts and a page to look at",
        options: [
            OptionDeclaration(
                "listen", .text, default: AdminConfiguration.standardListen,
                "Where it listens, as address and port; `off` for no server"),
            OptionDeclaration(
                "token", .secret,
                "What callers show as `Authorization: Bearer …`, of 16 characters at least; needed "
                    + "for everything that changes something and beyond the machine itself"),
            OptionDeclaration("token_file", .path, "A file that holds the token"),
            OptionDeclaration(
                "tls_certificate", .path, "A file with the certificate and those above it, as PEM"),
            OptionDeclaration("tls_key", .path, "A file with the private key, as PEM"),
        ])

    package static let log = SectionDeclaration(
        name: "log", summary: "The log, on standard error",
        options: [
            OptionDeclaration(
                "format", .choice(["text", "json"]), default: "text",
                "Lines for people, or a JSON object a line"),
            OptionDeclaration(
                "level", .choice(LogConfiguration.levels), default: "info",
                "The least that is logged"),
        ])

    /// What may come in at once: all of it has to be an entry of the journal.
    static let recordSize = OptionKind.size(upTo: JournalSegment.recordByteCap)

    /// What every feed may say.
    private static func feedOptions(
        maxLine: String = "16MB", hasRows: Bool = true
    ) -> [OptionDeclaration] {
        let format =
            hasRows
            ? [
                OptionDeclaration(
                    "format", .choice(["jsonl", "csv", "lines"]), default: "jsonl",
                    "JSON lines, CSV with a row of names first, or lines of text and syslog"),
                OptionDeclaration(
                    "delimiter", .choice([",", ";", "|", "tab"]), default: ",",
                    "What is between the cells of CSV"),
            ]
            : [
                OptionDeclaration(
                    "format", .choice(["jsonl", "lines"]), default: "jsonl",
                    "JSON lines, or lines of text and syslog")
            ]
        return format + [
            OptionDeclaration("event_type", .text, "The type of every event, where they have none"),
            OptionDeclaration(
                "type_field", .text, default: "type", "The path of the field that holds the type"),
            OptionDeclaration(
                "time_field", .text,
                "The path of the field that holds the time; `time`, `ts`, `timestamp` or "
                    + "`@timestamp` otherwise"),
            OptionDeclaration(
                "without_time", .choice(["refuse", "arrival"]), default: "refuse",
                "What becomes of an event that has no time: a dead letter, or it has the time at "
                    + "which it came"),
            OptionDeclaration(
                "id_field", .text, default: "id",
                "The path of the field that holds the id, for types that declare none"),
            OptionDeclaration(
                "lateness", .duration, default: "0s",
                "How far an event may be behind the latest one and still be put in order"),
            OptionDeclaration(
                "max_ahead", .duration,
                "How far an event's time may be after the wall clock; without it any way"),
            OptionDeclaration(
                "remember_ids", .duration,
                "How long the id of an event is remembered: one of the same type that comes again "
                    + "within that time, as what nobody answered is sent again, is passed over; "
                    + "without it each counts"),
            OptionDeclaration(
                "idle_after", .duration, default: "10s",
                "How long the feed may be quiet until the wall clock moves time on"),
            OptionDeclaration(
                "max_line", recordSize, default: maxLine, "The longest line that is decoded"),
            OptionDeclaration(
                "sync", .choice(["always", "interval", "never"]), default: "interval",
                "When what was accepted is there for good, whatever happens to the machine"),
        ]
    }

    package static let feeds = [
        SectionDeclaration(
            name: "stdin", summary: "Standard input, to its end", options: feedOptions()),
        SectionDeclaration(
            name: "file", summary: "Files that grow, through rotation and truncation",
            options: [
                OptionDeclaration(
                    "path", .path, isRequired: true,
                    "The files; `*`, `?` and `[…]` stand for what they do in a shell"),
                OptionDeclaration(
                    "from", .choice(["start", "end"]), default: "start",
                    "Where a file begins that is met at the first start"),
                OptionDeclaration(
                    "poll_every", .duration, default: "200ms",
                    "How often files are looked at for more"),
            ] + feedOptions()),
        SectionDeclaration(
            name: "http", summary: "An HTTP server that events are posted to",
            options: httpOptions + feedOptions(maxLine: "1MB")),
        SectionDeclaration(
            name: "tcp", summary: "Lines or syslog messages over TCP connections",
            options: tcpOptions + feedOptions(maxLine: "256KB", hasRows: false)),
        SectionDeclaration(
            name: "udp", summary: "Datagrams, each a message or some lines",
            options: [
                OptionDeclaration(
                    "listen", .address, default: "127.0.0.1:5140", "Where it listens")
            ] + feedOptions(maxLine: "64KB", hasRows: false)),
    ]
}
