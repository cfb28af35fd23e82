// SPDX-License-Identifier: Apache-2.0
// Rules that are switched, and versions of them, over HTTP. Exercised by RulesVersionTests.

internal import Live

extension AdminRoutes {
    static let versions: [AdminRoute] = [
        AdminRoute(
            method: .get, pattern: "/api/v1/ruleset/history", need: .look,
            summary: "Which rules were in force when, and for whom; the newest change first.",
            parameters: [
                AdminRoute.Parameter(
                    name: "before", kind: .integer(1...Int.max),
                    summary: "Changes with a lower number: `next_before` of the page before."),
                AdminRoute.Parameter(
                    name: "limit", kind: .integer(1...1000),
                    summary: "Changes at most, 100 otherwise."),
            ], content: .json("RulesHistory"), answer: history),
        AdminRoute(
            method: .post, pattern: "/api/v1/ruleset/rollback", need: .change,
            summary: "Puts a version of the rules in force that was so before.",
            parameters: [
                AdminRoute.Parameter(
                    name: "version", kind: .integer(1...Int.max), isRequired: true,
                    summary: "The version, as the history tells it.")
            ] + words, content: .json("RulesChange")
        ) { request, services in
            let version = request.value("version").flatMap { Int64($0) } ?? 0
            return await change(request, services, to: .version(version))
        },
        AdminRoute(
            method: .post, pattern: "/api/v1/rules/{name}/disable", need: .change,
            summary: "Has a rule not be run any more; what it holds is dropped.",
            places: [("name", "The rule.")], parameters: words, content: .json("RulesChange")
        ) { request, services in
            await change(request, services, to: .disable(request.places["name"] ?? ""))
        },
        AdminRoute(
            method: .post, pattern: "/api/v1/rules/{name}/enable", need: .change,
            summary: "Has a rule be run again, which begins with nothing.",
            places: [("name", "The rule.")], parameters: words, content: .json("RulesChange")
        ) { request, services in
            await change(request, services, to: .enable(request.places["name"] ?? ""))
        },
    ]

    @Sendable private static func history(
        _ request: AdminRequest, _ services: AdminServices
    ) async -> AdminAnswer {
        guard services.control.status != nil else { return notStarted }
        let limit = request.value("limit").flatMap { Int($0) } ?? 100
        let before = request.value("before").flatMap { Int64($0) } ?? .max
        do throws(StateError) {
            // A change that is only being made is not in force.
            let last = services.rules.status.change
            let changes = try services.rulesHistory().filter {
                $0.number < before && $0.number <= last
            }
            return AdminAnswer {
                StatusJSON.write(
                    changes.suffix(limit).reversed(), isWhole: changes.count <= limit, to: &$0)
            }
        } catch {
            return .problem(500, "\(error)")
        }
    }
}
