// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Live

/// Where rules that callers send have their places.
@Suite struct UploadFolderTests {
    @Test(arguments: [
        (["rules/"], ["rules/a.martlet"], "rules/"),
        (["rules"], ["rules/a.martlet"], "rules/"),
        (["./rules"], [], "./rules/"),
        (["r.martlet"], ["r.martlet"], ""),
        (["/etc/m/r.martlet"], ["/etc/m/r.martlet"], "/etc/m/"),
        (["/etc/m/a", "/etc/m/b/r.txt"], ["/etc/m/b/r.txt"], "/etc/m/"),
        (["a", "/b"], [], ""),
        (["a", "b/c"], [], ""),
        ([], ["r.martlet"], ""),
    ])
    func theFolderIsThatOfAllRules(configured: [String], files: [String], path: String) {
        #expect(UploadFolder(ofRulesAt: configured, files: files).path == path)
    }

    private func texts(_ names: String...) -> RulesTexts {
        RulesTexts(
            files: names.map { .init(name: $0, bytes: Array("rule \($0) { }".utf8)) },
            tablesFrom: nil)
    }

    @Test func filesCountInTheOrderOfTheirNamesUnlessTheyAreThoseInForce() throws {
        let folder = UploadFolder(ofRulesAt: ["/r"], files: [])
        let current = texts("/r/b.martlet", "/r/a.martlet", "/s/x.martlet")
        let same = try folder.texts(
            [("a.martlet", []), ("b.martlet", []), ("/s/x.martlet", [])], insteadOf: current,
            SystemDisk())
        #expect(same.files.map(\.name) == ["/r/b.martlet", "/r/a.martlet", "/s/x.martlet"])
        let more = try folder.texts(
            [("c.martlet", []), ("a.martlet", [])], insteadOf: current, SystemDisk())
        #expect(more.files.map(\.name) == ["/r/a.martlet", "/r/c.martlet"])
        let one = try folder.texts("a.martlet", [0x20], within: current, SystemDisk())
        #expect(one.files.map(\.bytes.count) == [current.files[0].bytes.count, 1, 21])
        #expect(folder.name(of: "/r/sub/a.martlet") == "sub/a.martlet")
        #expect(folder.name(of: "/s/x.martlet") == "/s/x.martlet")
    }

    @Test func aTableThatIsInForceMayBeAnywhere() throws {
        let scratch = try ScratchFolder()
        try scratch.write("ann\n", to: "list.txt")
        let text = "table t from \"\(scratch.path)/list.txt\"\n"
        let current = RulesTexts(
            files: [.init(name: "r.martlet", bytes: Array(text.utf8))], tablesFrom: SystemDisk())
        let folder = UploadFolder(ofRulesAt: ["r.martlet"], files: ["r.martlet"])
        let known = try folder.texts("b.martlet", Array(text.utf8), within: current, SystemDisk())
        #expect(known.tables.allSatisfy { $0.bytes == Array("ann\n".utf8) })
        let strange = Array("table u from \"\(scratch.path)/other.txt\"".utf8)
        #expect(throws: RulesRefusal.self) {
            try folder.texts("b.martlet", strange, within: current, SystemDisk())
        }
        let below = Array("table u from \"lists/../other.txt\"".utf8)
        let read = try folder.texts("b.martlet", below, within: current, SystemDisk())
        #expect(read.tables.count == 2)
    }
}
