// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Live

/// What looks after the files of rules, and what waits for the node.
@Suite struct RulesKeeperTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func stamps(_ names: String...) -> [FileStamp] {
        names.map { FileStamp("\(folder.path)/\($0)") }
    }

    @Test func filesCountAsChangedWhenNobodyWritesThemAnyMore() throws {
        try folder.write("one", to: "a")
        var watch = FileWatch(stamps("a", "b"))
        var looks = [watch.hasSettled(stamps("a", "b"))]
        for more in [" two", " three"] {
            try folder.append(more, to: "a")
            // It may be written to still.
            looks.append(watch.hasSettled(stamps("a", "b")))
        }
        looks.append(watch.hasSettled(stamps("a", "b")))
        looks.append(watch.hasSettled(stamps("a", "b")))
        #expect(looks == [false, false, false, true, false])
        try folder.write("new", to: "b")
        let found = [watch.hasSettled(stamps("a", "b")), watch.hasSettled(stamps("a", "b"))]
        #expect(found == [false, true])
    }

    @Test func aFileThatIsAsBeforeHasNotChanged() throws {
        try folder.write("one", to: "a")
        let before = stamps("a")
        var watch = FileWatch(before)
        let looks = [stamps("b"), before, before].map { watch.hasSettled($0) }
        #expect(looks == [false, false, false])
    }

    @Test func wishesWaitForTheNodeInTheirOrder() throws {
        let inbox = RulesInbox()
        for name in ["a", "b"] {
            #expect(inbox.ask(RulesRequest(.disable(name), at: at(0), from: .api)))
        }
        let names = inbox.take().map { waiting -> String in
            guard case .disable(let name) = waiting.request.wish else { return "" }
            return name
        }
        #expect(names == ["a", "b"])
        #expect(inbox.take().isEmpty)
        #expect(inbox.takeReload(waitingUpTo: 0) == false)
        inbox.askForReload()
        inbox.askForReload()
        #expect(inbox.takeReload(waitingUpTo: 0) == true)
        #expect(inbox.takeReload(waitingUpTo: 0) == false)
        inbox.note(refusal: "no", at: at(3))
        #expect(inbox.status.refusalCount == 1)
        #expect(inbox.status.lastRefusal == .init(time: at(3), reason: "no"))
        inbox.close()
        #expect(inbox.takeReload(waitingUpTo: 1_000_000_000) == nil)
        #expect(!inbox.ask(RulesRequest(.enable("a"), at: at(0), from: .api)))
    }

    @Test func whoWaitsForAChangeIsToldWhatCameOfIt() async throws {
        let inbox = RulesInbox()
        let request = RulesRequest(.disable("a"), at: at(0), from: .api)
        guard case .tooLate = await inbox.change(request, waitingUpTo: .milliseconds(20)) else {
            Issue.record("nobody has looked")
            return
        }
        // It is too late for who asked, and not for the wish itself.
        let late = try #require(inbox.take().first)
        late.reply?(.success(RulesReport()))
        async let outcome = inbox.change(request)
        var taken = inbox.take()
        while taken.isEmpty {
            try await Task.sleep(for: .milliseconds(5))
            taken = inbox.take()
        }
        taken[0].reply?(.failure(.notOfVersion(7)))
        guard case .refused(.notOfVersion(7)) = await outcome else {
            Issue.record("it was refused")
            return
        }
        inbox.close()
        guard case .notRunning = await inbox.change(request) else {
            Issue.record("the node has ended")
            return
        }
    }

    @Test func requestsAreTakenOnceAndAnswered() throws {
        let registry = try SQLiteRulesRegistry(path: "\(folder.path)/rules.sqlite")
        let asked = RegisteredRequest(action: "disable", argument: "r", author: "ann", note: "loud")
        let number = try registry.ask(asked)
        #expect(try registry.answer(toRequest: number) == nil)
        let taken = try registry.takeRequests()
        #expect(taken.map(\.argument) == ["r"])
        #expect(try registry.takeRequests().isEmpty)
        try registry.renewRequests()
        #expect(try registry.takeRequests() == taken, "whoever took it has ended")
        try registry.answer(request: number, "1 disabled (r)", isRefused: false)
        #expect(try registry.answer(toRequest: number)?.text == "1 disabled (r)")
        try registry.renewRequests()
        #expect(try registry.takeRequests().isEmpty)
    }
}
