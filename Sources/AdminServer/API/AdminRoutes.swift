// SPDX-License-Identifier: Apache-2.0
// A table: every route. Exercised by AdminServerTests and OpenAPITests.

internal import EventModel
internal import Live

/// What can be asked.
enum AdminRoutes {
    static let all: [AdminRoute] = probes + page + status + work + rules + versions

    private static let probes: [AdminRoute] = [
        AdminRoute(
            method: .get, pattern: "/healthz", need: .nothing,
            summary: "Whether the process is alive.", content: .text
        ) { _, _ in AdminAnswer(text: "ok\n") },
        AdminRoute(
            method: .get, pattern: "/readyz", need: .nothing,
            summary: "Whether it takes records: not while it starts, ends, or waits for room.",
            content: .text
        ) { _, services in
            let control = services.control
            if control.isReady { return AdminAnswer(text: "ready\n") }
            let word = control.waitsForRoom ? "waiting for room" : control.phase.rawValue
            return AdminAnswer(503, text: "\(word)\n")
        },
        AdminRoute(
            method: .get, pattern: "/metrics", need: .look,
            summary: "All metrics, for Prometheus.", content: .metrics
        ) { _, services in
            guard let source = services.metricSource else { return notStarted }
            var writer = MetricsWriter()
            for metric in MetricDeclaration.all { metric.write(source, to: &writer) }
            return AdminAnswer(200, MetricsWriter.contentType, Array(writer.text.utf8))
        },
    ]

    private static let page: [AdminRoute] = [
        AdminRoute(
            method: .get, pattern: "/", need: .nothing,
            summary: "A page that shows all this, live.", content: .html
        ) { _, _ in file("text/html; charset=utf-8", ConsolePage.html) },
        AdminRoute(
            method: .get, pattern: "/console.css", need: .nothing,
            summary: "The page's style sheet.", content: .css
        ) { _, _ in file("text/css; charset=utf-8", ConsolePage.style) },
        AdminRoute(
            method: .get, pattern: "/console.js", need: .nothing, summary: "The page's script.",
            content: .script
        ) { _, _ in file("text/javascript; charset=utf-8", ConsolePage.script) },
        AdminRoute(
            method: .get, pattern: "/api/v1/openapi.json", need: .look,
            summary: "This document.", content: .json("Document")
        ) { _, services in
            AdminAnswer(200, AdminAnswer.json, OpenAPI.document(all, version: services.version))
        },
    ]

    private static func file(_ type: String, _ text: String) -> AdminAnswer {
        var answer = AdminAnswer(200, type, Array(text.utf8))
        answer.policy = ConsolePage.policy
        return answer
    }

    private static let status: [AdminRoute] = [
        AdminRoute(
            method: .get, pattern: "/api/v1/status", need: .look,
            summary: "How the service stands, with its feeds and sinks.", content: .json("Status")
        ) { _, services in
            guard let status = services.control.status else { return notStarted }
            return AdminAnswer { StatusJSON.write(status, services, to: &$0) }
        },
        AdminRoute(
            method: .get, pattern: "/api/v1/rules", need: .look,
            summary: "The rules and what each has done.", content: .json("Rules")
        ) { _, services in
            guard let status = services.control.status else { return notStarted }
            return AdminAnswer { StatusJSON.writeRules(status, services.catalog, to: &$0) }
        },
        AdminRoute(
            method: .get, pattern: "/api/v1/rules/{name}", need: .look,
            summary: "One rule: what it says and what it has done.",
            places: [("name", "The rule.")], content: .json("Rule")
        ) { request, services in
            rule(request, services) { number in
                let status = services.control.status?.rules
                return AdminAnswer {
                    StatusJSON.writeRule(number, status, services.catalog, to: &$0)
                }
            }
        },
        AdminRoute(
            method: .get, pattern: "/api/v1/rules/{name}/drawing", need: .look,
            summary: "The automaton of a rule, drawn.", places: [("name", "The rule.")],
            content: .svg
        ) { request, services in
            rule(request, services) { number in
                var answer = AdminAnswer(
                    200, "image/svg+xml", Array(services.catalog.drawing(number).utf8))
                answer.policy = "default-src 'none'; style-src 'unsafe-inline'"
                return answer
            }
        },
    ]

    static let notStarted = AdminAnswer.problem(503, "the service is starting")

    private static func rule(
        _ request: AdminRequest, _ services: AdminServices, _ answer: (Int) -> AdminAnswer
    ) -> AdminAnswer {
        if services.control.status == nil { return notStarted }
        let name = request.places["name"] ?? ""
        guard let number = services.catalog.number(of: name) else {
            return .problem(404, "there is no rule `\(name)`")
        }
        return answer(number)
    }
}

extension AdminServices {
    var metricSource: MetricSource? {
        guard let status = control.status else { return nil }
        return MetricSource(
            status: status, phase: control.phase, isReady: control.isReady,
            waitsForRoom: control.waitsForRoom, version: version, now: control.clock.now,
            process: .current, admin: figures, rules: rules.status)
    }
}
