// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Reporting

@Suite struct EventFieldsTests {
    @Test(arguments: [
        (#"{"a":1,"b":"x y"}"#, ["a=1", "b=x y"]),
        (#" { "a" : [1, {"b":"]}"}] , "c" : null } "#, [#"a=[1, {"b":"]}"}]"#, "c=null"]),
        (#"{"a\"b":"\u0041\u00e9\ud83d\ude00\n<"}"#, ["a\"b=Aé😀\n<"]),
        (#"{"a":"\ud83d"}"#, ["a="]), (#"{"a":"\u12"}"#, []),
        ("{}", []), ("", []), ("nonsense", []), (#"{"a":"never ends"#, []),
        (#"{"a":1,"b":{"#, ["a=1"]),
    ])
    func theMembersOfAnObjectAreFound(object: String, members: [String]) {
        let found = EventFields.members(of: object)
        #expect(found.members.map { "\($0.name)=\($0.value)" } == members)
    }

    @Test func someAreLeftOutAndManyAreCounted() {
        let object = "{" + (0..<30).map { "\"f\($0)\":\($0)" }.joined(separator: ",") + "}"
        let found = EventFields.members(of: object, without: ["f0", "f1"])
        #expect(found.members.first?.name == "f2")
        #expect(found.members.count == EventFields.cap)
        #expect(found.hiddenCount == 28 - EventFields.cap)
    }

    @Test func longValuesAreCut() {
        let found = EventFields.members(of: "{\"a\":\"\(String(repeating: "é", count: 500))\"}")
        #expect(found.members[0].value.count == EventFields.valueCap + 1)
        #expect(found.members[0].value.hasSuffix("…"))
    }
}
