// SPDX-License-Identifier: Apache-2.0
// Changes of the rules over HTTP. Exercised by RulesRouteTests.

internal import Connectors
internal import Diagnostics
internal import EventModel
internal import Live
internal import RuleLanguage

extension AdminRoutes {
    /// Bytes of rules that may be sent at once.
    static let rulesByteCap = 8 << 20

    static let words: [AdminRoute.Parameter] = [
        AdminRoute.Parameter(
            name: "author", kind: .text, summary: "Who wants it, for the history."),
        AdminRoute.Parameter(name: "note", kind: .text, summary: "Why, for the history."),
        AdminRoute.Parameter(
            name: "if_version", kind: .integer(1...Int.max),
            summary: "The version that has to be in force, or nothing is changed."),
    ]

    static let rules: [AdminRoute] = [
        AdminRoute(
            method: .get, pattern: "/api/v1/ruleset", need: .look,
            summary: "The rules in force as they are written, and who put them there.",
            content: .json("Ruleset"), answer: ruleset),
        AdminRoute(
            method: .put, pattern: "/api/v1/rules", need: .change,
            summary: "Puts these rules files in force, and no others: all of them or none.",
            parameters: words,
            body: AdminRoute.Body(
                content: .json("RulesFiles"), byteCap: rulesByteCap,
                summary: "Texts by the names of their files."),
            content: .json("RulesChange")
        ) { request, services in
            guard let files = files(request.body) else {
                return .problem(
                    400,
                    "the body is no JSON object of texts, such as {\"shop.martlet\": \"rule …\"}")
            }
            return await change(request, services) { current throws(RulesRefusal) in
                try services.folder.texts(files, insteadOf: current, services.disk)
            }
        },
        AdminRoute(
            method: .put, pattern: "/api/v1/rules/{name}", need: .change,
            summary: "Puts another text of one rules file in force; the others stay.",
            places: [("name", "The file, such as `shop.martlet`; a slash in it is `%2F`.")],
            parameters: words,
            body: AdminRoute.Body(
                content: .text, byteCap: rulesByteCap, summary: "The text of the file."),
            content: .json("RulesChange")
        ) { request, services in
            let name = request.places["name"] ?? ""
            return await change(request, services) { current throws(RulesRefusal) in
                try services.folder.texts(name, request.body, within: current, services.disk)
            }
        },
    ]

    /// Nil: they are no JSON object of texts.
    private static func files(_ body: [UInt8]) -> [(name: String, bytes: [UInt8])]? {
        guard case .object(let members) = JSONValue(body) else { return nil }
        var files: [(name: String, bytes: [UInt8])] = []
        for member in members {
            guard let text = member.value.string else { return nil }
            files.append((member.name, Array(text.utf8)))
        }
        return files
    }

    @Sendable private static func ruleset(
        _ request: AdminRequest, _ services: AdminServices
    ) async -> AdminAnswer {
        guard services.control.status != nil else { return notStarted }
        do throws(StateError) {
            let current = try services.rulesInForce()
            return AdminAnswer { json in
                StatusJSON.write(
                    current.change, current.texts, folder: services.folder, to: &json)
            }
        } catch {
            return .problem(500, "\(error)")
        }
    }

    // MARK: Changes

    /// Of a text that is put into the rules in force, how often others may be quicker.
    private static let attemptCap = 4

    private static func change(
        _ request: AdminRequest, _ services: AdminServices,
        _ texts: (RulesTexts) throws(RulesRefusal) -> RulesTexts
    ) async -> AdminAnswer {
        guard services.control.phase == .running else { return notRunning }
        let wanted = request.value("if_version").flatMap { Int64($0) }
        for _ in 0..<attemptCap {
            let current: (change: RulesChange, texts: RulesTexts)
            do throws(StateError) {
                current = try services.rulesInForce()
            } catch {
                return .problem(500, "\(error)")
            }
            let rules: ConfiguredRules
            let findings: [Diagnostic]
            do throws(RulesRefusal) {
                let texts = try texts(current.texts)
                let check = texts.check()
                findings = check.diagnostics
                guard let ruleset = check.ruleset else { throw .mistakes(findings) }
                rules = ConfiguredRules(texts, ruleset)
            } catch {
                services.refuse(error)
                return answer(error, services)
            }
            let outcome = await services.rules.change(
                wish(.rules(rules), request, services, base: wanted ?? current.change.version))
            if case .refused(.notOfVersion) = outcome, wanted == nil { continue }
            return answer(outcome, findings, services)
        }
        return .problem(409, "others change the rules all the time", [("Retry-After", "1")])
    }

    private static let notRunning = AdminAnswer.problem(
        503, "the service is not running", [("Retry-After", "1")])

    /// What a caller wants, with what he says about it.
    private static func wish(
        _ wish: RulesRequest.Wish, _ request: AdminRequest, _ services: AdminServices, base: Int64?
    ) -> RulesRequest {
        RulesRequest(
            wish, at: services.control.clock.now, from: .api,
            author: request.value("author") ?? "", note: request.value("note") ?? "", base: base)
    }

    /// Does what needs no rules from the caller.
    static func change(
        _ request: AdminRequest, _ services: AdminServices, to wish: RulesRequest.Wish
    ) async -> AdminAnswer {
        guard services.control.phase == .running else { return notRunning }
        let base = request.value("if_version").flatMap { Int64($0) }
        let wanted = self.wish(wish, request, services, base: base)
        return answer(await services.rules.change(wanted), [], services)
    }

    private static func answer(
        _ outcome: RulesInbox.Outcome, _ findings: [Diagnostic], _ services: AdminServices
    ) -> AdminAnswer {
        switch outcome {
        case .refused(let refusal): answer(refusal, services)
        case .changed(let report):
            AdminAnswer { StatusJSON.write(report, findings, folder: services.folder, to: &$0) }
        case .notRunning: notRunning
        case .tooLate:
            .problem(504, "the service did not come to it in time; it may still do so")
        }
    }

    private static func answer(
        _ refusal: RulesRefusal, _ services: AdminServices
    ) -> AdminAnswer {
        switch refusal {
        case .mistakes(let diagnostics):
            var answer = AdminAnswer(422) { json in
                json.beginObject()
                AdminAnswer.writeProblem(422, "\(refusal)", to: &json)
                json.key("diagnostics")
                let errors = diagnostics.filter { $0.severity == .error }
                StatusJSON.write(errors, folder: services.folder, to: &json)
                json.endObject()
            }
            answer.contentType = AdminAnswer.problemType
            return answer
        case .unreadable: return .problem(422, "\(refusal)")
        case .notOfVersion: return .problem(412, "\(refusal)")
        case .noVersion, .noRule: return .problem(404, "\(refusal)")
        case .disabledInText: return .problem(409, "\(refusal)")
        case .state(let error) where error.isOutOfSpace: return .problem(507, "\(error)")
        case .cannotTakeOver, .state: return .problem(500, "\(refusal)")
        }
    }
}
