// SPDX-License-Identifier: Apache-2.0

import Simulation
import Testing

/// What reads the documents sees what is wrong in them.
@Suite struct DocumentReadingTests {
    @Test func aPageHasItsBlocksLinksAndHeadings() {
        let page = DocumentPage(
            """
            # One `two` three
            See [this](a.md#x), not `[that](b.md)`, and [that too](https://example.com).
            ```martlet error E0204 file:a.martlet
            rule r {
            ```
            ## One two three
            ```text
            never closed
            """)
        #expect(page.anchors == ["one-two-three", "one-two-three-1"])
        #expect(page.links.map(\.target) == ["a.md#x", "https://example.com"])
        #expect(page.links.map(\.line) == [2, 2])
        #expect(page.blocks.map(\.text) == ["rule r {\n"])
        #expect(page.blocks.first?.words == ["error", "E0204", "file:a.martlet"])
        #expect(page.blocks.first?.fileName == "a.martlet")
        #expect(page.openFences == [7])
    }

    @Test(arguments: [
        ("when { a then b }\nevents a-b|\nmatches --M|", true),
        ("when { a then b }\nevents a-b|\nmatches -M-|", false),
        ("when { a then b }\nevents a-b|\nmatches ---|", false),
        ("when { a then b }\nevents ab-b|\nmatches -M--|\nbound ab--|", true),
        ("when { a then b }\nevents ab-b|\nmatches -M--|\nbound a--b|", false),
        ("by k\nwhen { a then b }\nevents ab|\nk xy|\nmatches --|", true),
        ("by k\nwhen { a then b }\nevents ab|\nk xx|\nmatches --|", false),
        ("when { a then b }\nevents a|\nevents b|\nmatches M|", true),
        ("when {\n  a\n  then no b for 2s\n}\nevents a--|\nmatches --M|", true),
        ("when {\n  a\n  then no b for 2s\n}\nevents a-|\nmatches --|", true),
    ])
    func aPictureIsRightOrWrong(text: String, isRight: Bool) throws {
        let picture = try DocumentTimeline(text)
        let found = try picture.run()
        #expect(found.engine == found.reference)
        #expect((found.engine == picture.drawnRows) == isRight)
    }

    @Test(arguments: [
        "when { a }\nevents a-|\nmatches M|", "when { a }\nevents a-\nmatches M-",
        "when { a }\nevents a-|", "when { a then }\nevents a-|\nmatches M-|",
    ])
    func aBrokenPictureIsRefused(text: String) {
        #expect(throws: DocumentTimeline.Problem.self) { try DocumentTimeline(text).run() }
    }

    @Test func aSessionHasItsCommandsAndTheirOutput() throws {
        let text = """
            ```console
            $ martlet test 'a b.martlet' --filter "x"
            one

            two
            $ martlet check

            ```
            ```console
            $ make demo
            ```
            """
        let blocks = DocumentPage(text).blocks
        let session = try #require(DocumentSession(blocks[0]))
        #expect(
            session.steps.map(\.command) == [
                ["martlet", "test", "a b.martlet", "--filter", "x"], ["martlet", "check"],
            ])
        #expect(session.steps.map(\.output) == [["one", "", "two"], []])
        #expect(DocumentSession(blocks[1]) == nil)
    }

    @Test(arguments: [
        (["a", "b"], ["a", "b"], true), (["a"], ["a", "b"], false), (["a", "b"], ["a"], false),
        (["a", "b", "c"], ["a", "…", "c"], true), (["a", "c"], ["a", "…", "c"], true),
        (["a", "b"], ["a", "…", "c"], false), ([], ["…"], true), ([], [], true),
    ])
    func outputFitsWhatIsShown(lines: [String], shown: [String], fits: Bool) {
        #expect(DocumentSession.fits(lines, shown) == fits)
    }
}
