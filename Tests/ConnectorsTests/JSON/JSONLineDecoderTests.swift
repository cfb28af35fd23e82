// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Connectors

@Suite struct JSONLineDecoderTests {
    @Test func theWantedFieldsAreTakenWhereverTheTypeStands() {
        let harness = DecoderHarness(planOfOneType([("user", .string), ("n", .int), ("ip", .ip)]))
        harness.take(
            #"{"user":"ann","x":[1,{"user":"no"}],"n":7,"ip":"10.0.0.1","time":5,"type":"t"}"#)
        #expect(harness.value(0) == .string("ann"))
        #expect(harness.value(1) == .int(7))
        #expect(harness.value(2) == .ip(IPAddress(ipv4: 0x0a00_0001)))
        #expect(harness.batch.events.map(\.time) == [StreamTime(nanoseconds: 5_000_000_000)])
        #expect(harness.symbols.string(of: harness.batch.events[0].typeName) == "t")
        #expect(harness.batch.events.map(\.type) == [0])
    }

    @Test(arguments: [
        (#""a":1,"a":2"#, Value.int(2)),
        (#""a":1,"a":null"#, .missing),
        (#""a":1,"\u0061":3"#, .int(3)),
        (#""\u0061":1"#, .int(1)),
        (#""b":1"#, .missing),
        (#""a":"x\ty""#, .string("x\ty")),
        (#""a":"\u00e9\ud83d\ude00\u0000""#, .string("é😀\0")),
        (#""a":"é😀""#, .string("é😀")),
        (#""a":"""#, .string("")),
        (#""a":9223372036854775807"#, .int(.max)),
        (#""a":-9223372036854775808"#, .int(.min)),
        (#""a":9223372036854775808"#, .float(9_223_372_036_854_775_808)),
        (#""a":123456789012345678901234567890"#, .float(0x1.8ee90ff6c373ep+96)),
        (#""a":-0"#, .int(0)), (#""a":1.0"#, .float(1)), (#""a":1e2"#, .float(100)),
        (#""a":0.1"#, .float(0.1)), (#""a":1e400"#, .missing), (#""a":1e-400"#, .float(0)),
        (#""a":true"#, .bool(true)), (#""a":false"#, .bool(false)), (#""a":null"#, .missing),
        (#""a":{"b":1}"#, .missing),
        (
            #""a":[1, "x" ,null,true,[2.5]]"#,
            .list([.int(1), .string("x"), .missing, .bool(true), .list([.float(2.5)])])
        ),
        (#""a":[]"#, .list([])), (#""a":[{}]"#, .missing),
    ])
    func aValueOfAnyTypeComesAsItIs(_ members: String, _ expected: Value) {
        let harness = DecoderHarness(planOfOneType([("a", .any)]))
        harness.take(#"{"type":"t","time":0,"# + members + "}")
        #expect(harness.reasons.isEmpty)
        #expect(harness.value(0) == expected)
    }

    @Test(arguments: [
        (#"{"a.b.c":1,"a":{"b.c":2,"b":{"c":3}}}"#, 1),
        (#"{"a":{"b":{"c":3},"b.c":2},"a.b.c":1}"#, 1),
        (#"{"a":{"b.c":2,"b":{"c":3}}}"#, 2),
        (#"{"a":{"b":{"c":3}}}"#, 3),
        (#"{"a":{"b":{"c":3}},"a":{"b":{"c":4}}}"#, 4),
        (#"{"a":{"b":{"c":3},"b":{"c":5}}}"#, 5),
        (#"{"\u0061":{"b":{"\u0063":6}}}"#, 6),
        (#"{"x":{"a":{"b":{"c":9}}},"a":{"x":{"c":9},"b":{"x":9,"c":7}}}"#, 7),
    ])
    func aDottedPathFindsTheFlatFieldFirst(_ inner: String, _ expected: Int64) {
        let harness = DecoderHarness(planOfOneType([("a.b.c", .int)]))
        harness.take(#"{"type":"t","time":0,"# + inner.dropFirst())
        #expect(harness.reasons.isEmpty)
        #expect(harness.value(0) == .int(expected))
    }

    @Test(arguments: [
        #"{"a":{"b":1},"a":{}}"#, #"{"a":{"b":1},"a":5}"#, #"{"a":{"b":1},"a":null}"#,
        #"{"a":[{"b":1}]}"#, #"{"b":1}"#,
    ])
    func theLastOfTwoObjectsMakesTheFirstVoid(_ inner: String) {
        let harness = DecoderHarness(planOfOneType([("a.b", .int)]))
        harness.take(#"{"type":"t","time":0,"# + inner.dropFirst())
        #expect(harness.value(0) == .missing)
        #expect(harness.decoder.mismatches.isEmpty)
    }

    @Test func aLineSeesNothingOfTheLineBefore() {
        let harness = DecoderHarness(planOfOneType([("a", .int), ("b.c", .int)]))
        harness.take(#"{"type":"t","time":0,"a":1,"b":{"c":2}}"#)
        harness.take(#"{"type":"t","time":1}"#)
        #expect(harness.value(0) == .missing)
        #expect(harness.value(1) == .missing)
        #expect(harness.value(1, ofEvent: 0) == .int(2))
    }

    @Test(arguments: [
        (#"{"time":0}"#, "no field `type`"),
        (
            #"{"type":5,"time":0}"#,
            "the field `type` is not the name of a type"
        ),
        (#"{"type":null,"time":0}"#, "the field `type` is not the name of a type"),
        (#"{"type":"","time":0}"#, "the field `type` is not the name of a type"),
        (#"{"type":"t"}"#, "no time"), (#"{"type":"t","time":null}"#, "no time"),
        (#"{"type":"t","time":"soon"}"#, "the field `time` is not a time"),
        (#"{"type":"t","time":true}"#, "the field `time` is not a time"),
        (#"{"type":"t","time":"5"}"#, "the field `time` is not a time"),
        (#"{"type":"t","time":{}}"#, "the field `time` is not a time"),
        (#"{"type":"t","time":"2400-01-01T00:00:00Z"}"#, "time out of range"),
        (#"{"type":"t","time":99999999999}"#, "time out of range"),
        (#"{"type":"t","time":1e300}"#, "time out of range"),
    ])
    func anEventNeedsATypeAndATime(_ line: String, _ reason: String) {
        let harness = DecoderHarness(planOfOneType([("a", .int)]))
        #expect(harness.take(line) == nil)
        #expect(harness.reasons == [reason])
        #expect(harness.batch.count == 0)
    }

    @Test func aTimeMayBeAStampOfSyslog() {
        var options = JSONLineDecoder.Options()
        options.stamps = OldStamps(year: 2027)
        let harness = DecoderHarness(planOfOneType([]), options)
        harness.take(#"{"type":"t","time":"Dec 31 23:59:59"}"#)
        harness.take(#"{"type":"t","time":"Jan  1 00:00:00.5"}"#)
        harness.take(#"{"type":"t","time":"Jan  1 00:00:01 x"}"#)
        harness.take(#"{"type":"t","time":"Jan\u0020 1 00:00:01"}"#)
        let start = 1_830_297_600_000_000_000 as Int64
        #expect(
            harness.batch.events.map(\.time.nanoseconds) == [
                start - 1_000_000_000, start + 500_000_000, start + 1_000_000_000,
            ])
        #expect(harness.reasons == ["the field `time` is not a time"])
    }

    @Test func theFirstOfTheUsualTimeFieldsCounts() {
        let harness = DecoderHarness(planOfOneType([]))
        harness.take(#"{"type":"t","@timestamp":4,"timestamp":3,"ts":2,"time":1}"#)
        harness.take(#"{"type":"t","@timestamp":4,"timestamp":3,"ts":2}"#)
        harness.take(#"{"type":"t","@timestamp":4,"timestamp":3,"time":null}"#)
        harness.take(#"{"type":"t","@timestamp":4}"#)
        #expect(harness.batch.events.map { $0.time.nanoseconds / 1_000_000_000 } == [1, 2, 3, 4])
    }

    @Test func optionsAndPlansSayWhereTypeTimeAndIDAre() {
        var options = JSONLineDecoder.Options()
        options.typeField = "event.kind"
        options.timeField = "when"
        let own = DecodePlan.IncomingType(
            name: "own", fields: [], timePath: "at.ms", timeFormat: "ms", idPath: "event.id")
        let usual = DecodePlan.IncomingType(
            name: "usual", fields: [], timePath: nil, timeFormat: nil, idPath: nil)
        let harness = DecoderHarness(
            DecodePlan(types: [own, usual], otherFields: nil, slotCount: 0), options)
        harness.take(#"{"event":{"kind":"own","id":"x1"},"when":1,"at":{"ms":2500},"id":9}"#)
        harness.take(#"{"event.kind":"usual","when":1,"at":{"ms":2500},"id":9}"#)
        harness.take(#"{"event.kind":"usual","when":1,"id":1.5}"#)
        harness.take(#"{"event.kind":"usual","time":1}"#)
        harness.take(#"{"event.kind":"own","when":1}"#)
        #expect(
            harness.batch.events.map(\.time.nanoseconds) == [
                2_500_000_000, 1_000_000_000, 1_000_000_000,
            ])
        #expect(
            harness.batch.events.map { harness.symbols.value(of: $0.id) } == [
                .string("x1"), .int(9), .missing,
            ])
        #expect(harness.reasons == ["no field `when`", "no field `at.ms`"])
    }

    @Test func typesThatNobodyWantsAreCountedAndStillChecked() {
        let harness = DecoderHarness(planOfOneType([("a", .int)]))
        #expect(harness.take(#"{"type":"x","a":1}"#) == .ignored)
        #expect(harness.take(#"{"type":"\u0078"}"#) == .ignored)
        #expect(harness.take(#"{"type":"y"}"#) == .ignored)
        #expect(harness.take(#"{"type":"x","a":1"#) == nil)
        #expect(harness.decoder.ignored.byName.map(\.name) == ["x", "y"])
        #expect(harness.decoder.ignored.byName.map(\.count) == [2, 1])
    }

    @Test func otherTypesAreDecodedWhereTheyAreWanted() {
        let harness = DecoderHarness(planOfOneType([("a", .int)], others: true))
        harness.take(#"{"type":"x","a":1,"time":0,"id":"i"}"#)
        #expect(harness.batch.events.map(\.type) == [-1])
        #expect(harness.symbols.string(of: harness.batch.events[0].typeName) == "x")
        #expect(harness.value(0) == .int(1))
    }

    @Test func valuesOfAnotherTypeAreCountedByField() {
        let harness = DecoderHarness(planOfOneType([("a", .int), ("b", .string), ("c", .ip)]))
        harness.take(#"{"type":"t","time":0,"a":"1","b":2,"c":"10.0.0.1"}"#)
        harness.take(#"{"type":"t","time":0,"a":true,"b":null}"#)
        #expect(harness.decoder.mismatches.map(\.path) == ["a", "b"])
        #expect(harness.decoder.mismatches.map(\.count) == [2, 1])
        #expect(harness.value(0, ofEvent: 0) == .missing)
    }

    @Test func oneFieldFillsEachOfItsTargets() {
        let field = DecodePlan.Field(
            path: "a",
            targets: [
                .init(slot: 1, type: .string), .init(slot: 0, type: .ip),
                .init(slot: 2, type: .int),
            ])
        let type = DecodePlan.IncomingType(
            name: "t", fields: [field], timePath: nil, timeFormat: nil, idPath: nil)
        let harness = DecoderHarness(DecodePlan(types: [type], otherFields: nil, slotCount: 3))
        harness.take(#"{"type":"t","time":0,"a":"::1"}"#)
        #expect(harness.value(0) == .ip(IPAddress(high: 0, low: 1)))
        #expect(harness.value(1) == .string("::1"))
        #expect(harness.value(2) == .missing)
    }

    @Test func blankLinesAreNoEvents() {
        let harness = DecoderHarness(planOfOneType([]))
        for line in ["", " ", "\t\r", "\r"] { #expect(harness.take(line) == .blank) }
    }

    @Test func theTextIsKeptAsItCame() {
        let harness = DecoderHarness(planOfOneType([("a", .int)]))
        let lines = [#"{"type":"t","time":0,"a" : 1}"#, #"{"time":1,"type":"t"}"#]
        for line in lines { harness.take(line) }
        let texts = lines.indices.map {
            String(decoding: harness.batch.text[harness.batch.textRange($0)], as: UTF8.self)
        }
        #expect(texts == lines)
    }

    @Test func namesBeyondTheCapAreCountedTogether() {
        let harness = DecoderHarness(planOfOneType([]))
        for k in 0..<150 { harness.take(#"{"type":"x\#(k)"}"#) }
        #expect(harness.decoder.ignored.byName.count == NameCounter.nameCap)
        #expect(harness.decoder.ignored.otherCount == 50)
        #expect(harness.decoder.ignored.total == 150)
    }

    @Test func aThousandTypesAndFieldsAreToldApart() {
        let types = (0..<1000).map { k in
            DecodePlan.IncomingType(
                name: "type\(k)",
                fields: [.init(path: "field\(k)", targets: [.init(slot: k, type: .int)])],
                timePath: nil, timeFormat: nil, idPath: nil)
        }
        let harness = DecoderHarness(DecodePlan(types: types, otherFields: nil, slotCount: 1000))
        for k in stride(from: 0, to: 1000, by: 37) {
            harness.take(#"{"type":"type\#(k)","field\#(k)":\#(k),"field\#(k + 1)":5,"time":0}"#)
            #expect(harness.value(k) == .int(Int64(k)))
            #expect(harness.value((k + 1) % 1000) == .missing)
        }
    }
}
