// SPDX-License-Identifier: Apache-2.0
// Exercised by AdminServerTests.

internal import HTTPTypes
internal import Hummingbird

/// From a request to its answer: who asks, what for, and whether they may.
struct AdminResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let routes: [AdminRoute]
    let access: AdminAccess
    let services: AdminServices

    func respond(to request: Request, context: Context) async -> Response {
        let answer = await answer(request.head)
        services.count(isRefused: answer.status >= 400)
        return answer.response(isHead: request.method == .head)
    }

    private func answer(_ head: HTTPRequest) async -> AdminAnswer {
        guard let request = AdminRequest(target: head.path ?? "") else {
            return refused(head, .nothing) ?? .problem(400, "the address is not plain")
        }
        let found = routes.compactMap { route in
            route.match(request.path).map { (route: route, places: $0) }
        }
        // Who may not look learns nothing of what there is.
        guard let first = found.first else {
            return refused(head, .look) ?? .problem(404, "there is nothing here")
        }
        let method = head.method == .head ? HTTPRequest.Method.get : head.method
        guard let (route, places) = found.first(where: { $0.route.httpMethod == method }) else {
            var methods = found.map(\.route.httpMethod.rawValue)
            if methods.contains("GET") { methods.append("HEAD") }
            return refused(head, first.route.need)
                ?? .problem(
                    405, "this can be done with \(methods.joined(separator: ", "))",
                    [("Allow", methods.joined(separator: ", "))])
        }
        if let refused = refused(head, route.need) { return refused }
        if let problem = route.problem(request) { return .problem(400, problem) }
        var placed = request
        placed.places = places
        return await route.answer(placed, services)
    }

    private func refused(_ head: HTTPRequest, _ need: AdminAccess.Need) -> AdminAnswer? {
        access.refusal(
            need, authority: head.authority, authorization: head.headerFields[.authorization])
    }
}

extension AdminRoute {
    fileprivate var httpMethod: HTTPRequest.Method { method == .get ? .get : .post }
}
