// SPDX-License-Identifier: Apache-2.0
// What a state folder holds, as bytes: damage to what was written, and whatever may stand behind
// checksums that fit.

internal import EventModel
internal import Live

extension FuzzTarget {
    static let state = [journals, checkpoints, outputs]

    /// Starts an input of a target of state: the sample, and how the rest is taken.
    private static func sample(_ bytes: [UInt8]) -> StateSample {
        StateSample.all[Int(bytes[0]) % StateSample.all.count]
    }

    private static func verdict(
        _ body: (inout FuzzVerdict) throws(StateError) -> Void
    ) -> FuzzVerdict {
        var verdict = FuzzVerdict()
        do throws(StateError) {
            try body(&verdict)
        } catch {
            verdict.reached(refusal(error))
        }
        return verdict
    }

    private static func refusal(_ error: StateError) -> String {
        "refused \("\(error)".filter(\.isLetter).prefix(60))"
    }

    // MARK: Journals

    /// The first byte says which sample, the second whether damage to its journal follows, or a
    /// segment to be sealed.
    static let journals = FuzzTarget(
        "journals", law: "a journal is read as it was written, or what is wrong is told",
        corpus: ["fixtures/corpus/journals"], seeds: { realSegments(3) },
        invent: { seed in
            let all = realSegments(1)
            return all[Int(seed % UInt64(all.count))]
        }, byteCap: 8192
    ) { bytes in
        guard bytes.count >= 2 else { return FuzzVerdict() }
        let sample = sample(bytes)
        return bytes[1] % 2 == 0
            ? readDamaged(sample, bytes[2...])
            : readSealed(sample, Array(bytes[2...]), renumbers: bytes[1] & 2 == 0)
    }

    /// Each segment of each sample, to be sealed with a treatment of the second byte.
    private static func realSegments(_ treatment: UInt8) -> [[UInt8]] {
        StateSample.all.indices.flatMap { number in
            StateSample.all[number].files(in: StateSample.journal).map {
                [UInt8(number), treatment] + $0.bytes
            }
        }
    }

    private static func readDamaged(
        _ sample: StateSample, _ input: ArraySlice<UInt8>
    ) -> FuzzVerdict {
        let damage = StateDamage(sample.files(in: StateSample.journal), input)
        return verdict { (verdict) throws(StateError) in
            let disk = try StateSample.disk(damage.files)
            let outcome = read(disk, from: sample.firstNumber)
            var survey = try JournalSurvey(disk, folder: StateSample.journal)
            if sample.firstNumber > 1 || !survey.segments.isEmpty {
                survey.hold(againstCheckpoint: sample.firstNumber - 1)
            }
            verdict.reached("read", outcome.entries.count)
            verdict.reached("problems", survey.problems.count)
            if let problem = outcome.problem { verdict.reached(refusal(problem)) }
            let isPrefix = sample.entries.starts(with: outcome.entries)
            if !isPrefix {
                verdict.failure = "entries were read that nobody wrote"
            } else if outcome.problem == nil, outcome.entries.count < sample.entries.count,
                outcome.tornByteCount == 0, !damage.hasCut
            {
                verdict.failure = "entries are missing, and nobody says so"
            } else {
                verdict.failure = disagreement(outcome, survey)
            }
        }
    }

    private struct ReadJournal {
        var entries: [JournalEntry] = []
        var tornByteCount = 0
        var problem: StateError?
    }

    private static func read(_ disk: SimulatedDisk, from first: Int64) -> ReadJournal {
        var outcome = ReadJournal()
        do throws(StateError) {
            var reader = try JournalReader(disk, folder: StateSample.journal, from: first)
            while let entry = try reader.next() { outcome.entries.append(entry) }
            outcome.tornByteCount = reader.tornByteCount
        } catch {
            outcome.problem = error
        }
        return outcome
    }

    private static func disagreement(_ outcome: ReadJournal, _ survey: JournalSurvey) -> String? {
        if let problem = outcome.problem {
            return survey.problems.isEmpty ? "a survey says nothing of: \(problem)" : nil
        }
        if let problem = survey.problems.first { return "only a survey says: \(problem)" }
        return survey.tornByteCount == outcome.tornByteCount
            ? nil
            : "\(survey.tornByteCount) bytes are cut off in a survey, and "
                + "\(outcome.tornByteCount) to a reader"
    }

    private static func readSealed(
        _ sample: StateSample, _ segment: [UInt8], renumbers: Bool
    ) -> FuzzVerdict {
        verdict { (verdict) throws(StateError) in
            let bytes = StateFuzz.seal(segment: segment, first: 1, renumbers: renumbers)
            let path = "\(StateSample.journal)/\(StateFuzz.segmentName(first: 1))"
            let disk = try StateSample.disk([.init(path: path, bytes: bytes)])
            let outcome = read(disk, from: 1)
            let survey = try JournalSurvey(disk, folder: StateSample.journal)
            verdict.reached("sealed", outcome.entries.count)
            verdict.reached("sealed problems", survey.problems.count)
            verdict.failure = disagreement(outcome, survey)
            if verdict.failure == nil { try goOn(from: disk, sample, &verdict) }
        }
    }

    /// Opens what there is, has it take records, and opens it again.
    private static func goOn(
        from disk: SimulatedDisk, _ sample: StateSample, _ verdict: inout FuzzVerdict
    ) throws(StateError) {
        var node = try sample.open(disk)
        verdict.reached("opened", node.recovery.entryCount)
        let time = StreamTime(nanoseconds: 1_800_000_100_000_000_000)
        for feed in sample.feeds {
            let line = #"{"type":"login","user":"u1","outcome":"ok","time":1800000100000}"#
            let records = AcceptedRecords(
                feed: feed.name, acceptedAt: time, lines: Array((line + "\n").utf8))
            try node.accept([records], syncs: true)
        }
        try node.tick(at: time + TimeSpan(seconds: 3600))
        verdict.reached("alerts", Int(clamping: node.pipeline.alerts.nextNumber))
        let last = node.pipeline.entryNumber
        do throws(StateError) {
            let again = try sample.open(disk)
            if again.pipeline.entryNumber != last {
                verdict.failure =
                    "entry \(again.pipeline.entryNumber) is the last instead of \(last)"
            }
        } catch {
            verdict.failure = "what was gone on from is refused: \(error)"
        }
    }

    // MARK: Checkpoints

    /// Like `journals`, of the checkpoints.
    static let checkpoints = FuzzTarget(
        "checkpoints", law: "a checkpoint is as it was written, or what is wrong with it is told",
        corpus: ["fixtures/corpus/checkpoints"], seeds: { realCheckpoints },
        invent: { seed in realCheckpoints[Int(seed % UInt64(realCheckpoints.count))] },
        byteCap: 64 * 1024
    ) { bytes in
        guard bytes.count >= 2 else { return FuzzVerdict() }
        let sample = sample(bytes)
        return bytes[1] % 2 == 0
            ? findDamaged(sample, bytes[2...]) : restoreSealed(sample, Array(bytes[2...]))
    }

    private static let realCheckpoints: [[UInt8]] = StateSample.all.indices.flatMap { number in
        StateSample.all[number].files(in: StateSample.checkpoints).map {
            [UInt8(number), 1] + $0.bytes
        }
    }

    private static func findDamaged(
        _ sample: StateSample, _ input: ArraySlice<UInt8>
    ) -> FuzzVerdict {
        let files = sample.files(in: StateSample.checkpoints)
        let damage = StateDamage(files, input)
        return verdict { (verdict) throws(StateError) in
            let disk = try StateSample.disk(damage.files)
            let found = try CheckpointStore(disk, folder: StateSample.checkpoints).newest()
            verdict.reached("damaged", found.problems.count)
            let numbers = try CheckpointStore(disk, folder: StateSample.checkpoints).numbers()
            let newer = numbers.count { $0 > found.checkpoint?.entryNumber ?? -1 }
            if found.problems.count != newer {
                verdict.failure = "\(newer) checkpoints were passed over: \(found.problems)"
                return
            }
            guard let checkpoint = found.checkpoint else { return }
            verdict.reached("found")
            let path = "\(StateSample.checkpoints)/"
            let original = files.first {
                $0.path.hasPrefix(path) && $0.path.hasSuffix("0\(checkpoint.entryNumber)")
            }
            let whole = try StateSample.disk(original.map { [$0] } ?? [])
            let written = try CheckpointStore(whole, folder: StateSample.checkpoints).newest()
            if written.checkpoint != checkpoint { verdict.failure = "it is not what was written" }
        }
    }

    private static func restoreSealed(
        _ sample: StateSample, _ checkpoint: [UInt8]
    ) -> FuzzVerdict {
        verdict { (verdict) throws(StateError) in
            // The last one: of an earlier one the journal is longer.
            guard let file = sample.files(in: StateSample.checkpoints).last,
                let number = Int64(file.path.suffix(20))
            else { return }
            let sealed = StateFuzz.seal(checkpoint: checkpoint, entryNumber: number)
            let disk = try StateSample.disk(
                sample.files(in: StateSample.journal) + [.init(path: file.path, bytes: sealed)])
            try goOn(from: disk, sample, &verdict)
        }
    }

    // MARK: Outputs

    private static let outputPath = "out/alerts.jsonl"
    private static let outputLines = (1...6).map { number in
        "{\"id\":\"\(number)\",\"rule\":\"r\(String(repeating: "x", count: number * 3))\"}\n"
    }

    /// The first two bytes say where the file of alerts was noted to end, the third which alert was
    /// to come next; the file follows.
    static let outputs = FuzzTarget(
        "outputs", law: "a file of alerts has each of them once, or what is wrong is told",
        corpus: ["fixtures/corpus/outputs"],
        seeds: {
            (0...6).flatMap { count in
                let bytes = Array(outputLines.prefix(count).joined().utf8)
                return [[0, 0, 0] + bytes, [UInt8(bytes.count), 0, UInt8(count)] + bytes]
            }
        }, dictionary: outputLines, byteCap: 2048
    ) { bytes in
        guard bytes.count >= 3 else { return FuzzVerdict() }
        let cursor = LineCursor(
            nextNumber: 1 + Int64(bytes[2] % 7), place: Int64(bytes[0]) | Int64(bytes[1] & 7) << 8)
        let content = Array(bytes[3...])
        return verdict { (verdict) throws(StateError) in
            let disk = try StateSample.disk([.init(path: outputPath, bytes: content)])
            let clock = SimulatedClock(at: StreamTime(nanoseconds: 1_800_000_000_000_000_000))
            let sink = try FileAlertSink(
                FileSinkOptions(path: outputPath), disk, clock: clock, cursor: cursor,
                note: { (_: LineCursor) throws(StateError) in })
            let alerts = outputLines.enumerated().map {
                StoredAlert(number: Int64($0.offset + 1), json: String($0.element.dropLast()))
            }
            var rest = alerts.dropFirst(Int(cursor.nextNumber - 1))
            var problem = sink.takeProblem()
            while !rest.isEmpty {
                guard
                    case .sent(let count) = sink.send(rest.prefix(2), until: Interruption { false })
                else {
                    verdict.failure = "nothing is taken"
                    return
                }
                rest = rest.dropFirst(count)
                problem = problem ?? sink.takeProblem()
            }
            let sent = Array(outputLines.dropFirst(Int(cursor.nextNumber - 1)).joined().utf8)
            let isShort = content.count < Int(cursor.place)
            // Of a file that has been cut, what is no whole line goes too.
            let kept =
                isShort
                ? Array(content[..<(content.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0)])
                : Array(content.prefix(Int(cursor.place)))
            let unnoted = content.dropFirst(Int(cursor.place))
            let found = try disk.read(outputPath)
            // What is longer than all that comes may be of alerts that are yet to come.
            let isRight =
                unnoted.elementsEqual(sent.prefix(unnoted.count)) || unnoted.starts(with: sent)
            verdict.reached("\(isRight) \(isShort) \(problem != nil)")
            if found != kept + (unnoted.starts(with: sent) ? Array(unnoted) : sent) {
                verdict.failure = "the file holds something else"
            } else if problem == nil, !isRight || isShort {
                verdict.failure = "nothing is said of what was wrong with the file"
            }
        }
    }
}
