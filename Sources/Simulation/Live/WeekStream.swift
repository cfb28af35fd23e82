// SPDX-License-Identifier: Apache-2.0

internal import Connectors
internal import EventModel
internal import Glibc
internal import Live

/// What a week brings: busy days with bursts, quiet nights, devices that beat and fall silent, keys
/// that come and are not met again; some events late, some twice, some broken.
struct WeekStream {
    /// Midnight, at the beginning of a day.
    static let start: Int64 = 1_800_057_600
    /// How long after its time an event is written, if it is not a late one.
    static let usualAge = TimeSpan(seconds: 4)

    private var random: SeededRandom
    private var nextID = 0
    /// What may come again.
    private var lastLine = ""
    private(set) var eventCount = 0

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    /// The lines that are written in a second, counted from the start.
    mutating func lines(in second: Int) -> String {
        let hour = second / 3600 % 24
        // Nobody is up.
        if (1..<5).contains(hour) { return "" }
        var text = ""
        // Each device beats once a minute, until its hours are over.
        let device = second % 60
        if device < 20, isOn(device, at: second) { text += line("beat", "d\(device)", second) }
        let isBurst = random.chance(1, in: 5000)
        let count = isBurst ? 100 + random.below(300) : random.chance(2, in: 5) ? 1 : 0
        for _ in 0..<count { text += event(second) }
        return text
    }

    /// Each device has hours of its own, on each day others.
    private func isOn(_ device: Int, at second: Int) -> Bool {
        (device * 7 + second / 86_400 * 5 + second / 3600) % 9 < 6
    }

    private mutating func event(_ second: Int) -> String {
        if random.chance(1, in: 300) { return "{\"type\":\"login\", nothing\n" }
        // Who is new this hour will not be met in later ones.
        let user =
            random.chance(1, in: 3)
            ? "u\(random.below(20))" : "h\(second / 3600)-\(random.below(30))"
        switch random.below(10) {
        case 0..<5:
            let outcome = random.chance(1, in: 3) ? "ok" : "fail"
            return line("login", user, second, ",\"outcome\":\"\(outcome)\"")
        case 5..<7: return line("order", user, second, ",\"amount\":\(random.below(100))")
        case 7..<9: return line("payment", user, second)
        default: return line("other", user, second)
        }
    }

    private mutating func line(
        _ type: String, _ user: String, _ second: Int, _ more: String = ""
    ) -> String {
        if !lastLine.isEmpty, random.chance(1, in: 50) { return lastLine }
        // Mostly at once; now and then later than the feed waits for.
        let age =
            random.chance(1, in: 400)
            ? random.below(60_000)
            : random.below(Int(WeekStream.usualAge.nanoseconds / 1_000_000))
        let time =
            (WeekStream.start + Int64(second)) * 1000 + Int64(random.below(1000)) - Int64(age)
        nextID += 1
        eventCount += 1
        let head = "{\"type\":\"\(type)\",\"id\":\"\(nextID)\",\"user\":\"\(user)\""
        lastLine = "\(head),\"time\":\(time)\(more)}\n"
        return lastLine
    }
}

/// The log file of whoever is watched, which is rotated each hour.
final class WeekLog {
    static let keptCount = 3

    private let folder: String
    private var descriptor: CInt = -1
    private var rotated: [String] = []
    private(set) var rotationCount = 0

    var path: String { "\(folder)/app.log" }

    init(in folder: String) { self.folder = folder }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        for path in rotated + [path] { ScratchFiles.remove(path) }
    }

    func write(_ text: String) {
        if descriptor < 0 {
            // SAFETY: the path is a C string for the call.
            descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        }
        let bytes = Array(text.utf8)
        // SAFETY: write(2) reads the bytes of the buffer.
        let count = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
        }
        precondition(count == bytes.count, "the log can be written")
    }

    /// Gives the file another name. What is written until the next `write` goes there still.
    func rotate(at second: Int) {
        guard descriptor >= 0 else { return }
        let name = "\(folder)/app.\(1_000_000 + second / 3600).log"
        guard ScratchFiles.move(path, to: name) else { return }
        rotated.append(name)
        rotationCount += 1
        while rotated.count > WeekLog.keptCount { ScratchFiles.remove(rotated.removeFirst()) }
    }

    /// Lets go of the file that was rotated.
    func reopen() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}
