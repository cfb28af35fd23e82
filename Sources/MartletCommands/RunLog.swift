// SPDX-License-Identifier: Apache-2.0
// Exercised by RunLogTests.

internal import Connectors
internal import EventModel
internal import Glibc
internal import Live
internal import Logging

/// The log of `run`: a line an entry, for people or for programs.
struct RunLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    private let isJSON: Bool
    private let clock: any WallClock
    private let write: @Sendable ([UInt8]) -> Void

    init(
        isJSON: Bool, clock: any WallClock = SystemClock(),
        write: @escaping @Sendable ([UInt8]) -> Void = {
            _ = CommandOutcome.write($0, to: STDERR_FILENO)
        }
    ) {
        self.isJSON = isJSON
        self.clock = clock
        self.write = write
    }

    /// As it is configured, on standard error.
    static func logger(_ configuration: LogConfiguration) -> Logger {
        var logger = Logger(label: "martlet") { _ in RunLog(isJSON: configuration.isJSON) }
        logger.logLevel = Logger.Level(rawValue: configuration.level) ?? .info
        return logger
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let pairs = all.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        let message = "\(event.message)"
        write(isJSON ? json(event.level, message, pairs) : text(event.level, message, pairs))
    }

    private func text(
        _ level: Logger.Level, _ message: String, _ pairs: [(String, String)]
    ) -> [UInt8] {
        var line = "\(clock.now) \(level) \(message)"
        for (key, value) in pairs { line += " \(key)=\(value)" }
        // An entry is a line, whatever is in it.
        return line.utf8.map { $0 == 0x0a || $0 == 0x0d ? 0x20 : $0 } + [0x0a]
    }

    private func json(
        _ level: Logger.Level, _ message: String, _ pairs: [(String, String)]
    ) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        for (key, value) in [("time", "\(clock.now)"), ("level", "\(level)"), ("message", message)]
            + pairs
        {
            json.key(key)
            json.string(value)
        }
        json.endObject()
        return json.bytes + [0x0a]
    }
}

extension LiveLog {
    init(_ logger: Logger) {
        self.init { level, message in
            switch level {
            case .info: logger.info("\(message)")
            case .warning: logger.warning("\(message)")
            case .error: logger.error("\(message)")
            }
        }
    }
}
