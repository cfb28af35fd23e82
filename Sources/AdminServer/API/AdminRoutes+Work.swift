// SPDX-License-Identifier: Apache-2.0
// A table: the routes that look into a running service, or change it. Exercised by
// AdminServerTests and OpenAPITests.

internal import Live
internal import RuleLanguage

extension AdminRoutes {
    static let work: [AdminRoute] = [
        AdminRoute(
            method: .get, pattern: "/api/v1/rules/{name}/attempts", need: .look,
            summary: "What a rule holds of a key, or of some keys: its attempts under way.",
            places: [("name", "The rule.")],
            parameters: [
                AdminRoute.Parameter(
                    name: "key", kind: .text, isRepeated: true,
                    summary: "A part of the key, once for each in the order of `by`."),
                AdminRoute.Parameter(
                    name: "limit", kind: .integer(1...100),
                    summary: "Keys that are shown at most, 20 otherwise."),
            ], content: .json("Attempts"), answer: attempts),
        AdminRoute(
            method: .get, pattern: "/api/v1/alerts", need: .look,
            summary: "Stored alerts, the newest first.",
            parameters: [
                AdminRoute.Parameter(name: "rule", kind: .text, summary: "Of this rule alone."),
                AdminRoute.Parameter(
                    name: "severity", kind: .word(["info", "low", "medium", "high", "critical"]),
                    summary: "Of this severity alone."),
                AdminRoute.Parameter(
                    name: "before", kind: .integer(1...Int.max),
                    summary: "Those with a lower number: `next_before` of the page before."),
                AdminRoute.Parameter(
                    name: "limit", kind: .integer(1...1000),
                    summary: "Alerts at most, 100 otherwise."),
            ], content: .json("Alerts"), answer: alerts),
        AdminRoute(
            method: .get, pattern: "/api/v1/events", need: .look,
            summary: "How the service stands, each second, and every alert as it comes.",
            parameters: [
                AdminRoute.Parameter(
                    name: "rule", kind: .text, summary: "Alerts of this rule alone.")
            ], content: .events
        ) { request, services in
            follow(.events, rule: request.value("rule"), services)
        },
        AdminRoute(
            method: .get, pattern: "/api/v1/tap", need: .look,
            summary: "Decoded events as they go to the rules; where there are too many, some.",
            content: .events
        ) { _, services in follow(.tap, rule: nil, services) },
        AdminRoute(
            method: .post, pattern: "/api/v1/checkpoint", need: .change,
            summary: "Writes a checkpoint now.", content: .json("Checkpoint"), answer: checkpoint),
    ]

    @Sendable private static func attempts(
        _ request: AdminRequest, _ services: AdminServices
    ) async -> AdminAnswer {
        let name = request.places["name"] ?? ""
        let catalog = services.catalog
        guard let number = catalog.number(of: name) else {
            return .problem(404, "there is no rule `\(name)`")
        }
        let (parts, given) = (catalog.rule(number).key, request.values("key"))
        guard given.isEmpty || given.count == parts.count else {
            let names = parts.map { "`\($0.name)`" }.joined(separator: ", ")
            return .problem(
                400,
                parts.isEmpty ? "the rule has no key" : "the rule's key has the parts \(names)")
        }
        let limit = request.value("limit").flatMap { Int($0) } ?? 20
        do throws(LiveControl.Refusal) {
            let keys = try await services.control.look { node in
                node.pipeline.accounts(
                    ofRule: name, key: given.isEmpty ? nil : given, atMost: limit)
            }
            guard let keys else { return .problem(404, "there is no rule `\(name)` at work") }
            return AdminAnswer { AlertsJSON.write(keys, ofRule: name, to: &$0) }
        } catch {
            return problem(error)
        }
    }

    @Sendable private static func alerts(
        _ request: AdminRequest, _ services: AdminServices
    ) async -> AdminAnswer {
        guard let history = services.history else { return notStarted }
        var query = AlertQuery(limit: request.value("limit").flatMap { Int($0) } ?? 100)
        query.rules = request.value("rule").map { [$0] } ?? []
        if let severity = request.value("severity") {
            guard let place = AlertContent.severities.firstIndex(of: severity) else {
                let known = AlertContent.severities.joined(separator: ", ")
                return .problem(400, "there is no severity `\(severity)`: one of \(known)")
            }
            query.severities = [place]
        }
        query.before = request.value("before").flatMap { Int64($0) }
        do throws(StateError) {
            let alerts = try history.alerts(query)
            return AdminAnswer {
                AlertsJSON.write(alerts, isWhole: alerts.count < query.limit, to: &$0)
            }
        } catch {
            return .problem(500, "\(error)")
        }
    }

    @Sendable private static func checkpoint(
        _ request: AdminRequest, _ services: AdminServices
    ) async -> AdminAnswer {
        do throws(LiveControl.Refusal) {
            let checkpoint = try await services.control.checkpoint()
            return AdminAnswer { StatusJSON.write(checkpoint, to: &$0) }
        } catch {
            return problem(error)
        }
    }

    private static func follow(
        _ topic: EventBroadcast.Topic, rule: String?, _ services: AdminServices
    ) -> AdminAnswer {
        guard let stream = services.broadcast.follow(topic, rule: rule) else {
            return .problem(
                503, "as many callers follow as may: \(EventBroadcast.followerCap)",
                [("Retry-After", "10")])
        }
        return AdminAnswer(stream: stream)
    }

    private static func problem(_ refusal: LiveControl.Refusal) -> AdminAnswer {
        switch refusal {
        case .notRunning: .problem(503, "the service is not running")
        case .busy: .problem(503, "as many requests wait as may", [("Retry-After", "1")])
        case .tooLate:
            .problem(503, "the service did not come to it in time", [("Retry-After", "5")])
        case .failed(let error): .problem(500, "\(error)")
        }
    }
}
