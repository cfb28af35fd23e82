// SPDX-License-Identifier: Apache-2.0
// Exercised by AdminServerTests.

internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// From a request to its answer: who asks, what for, and whether they may.
struct AdminResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let routes: [AdminRoute]
    let access: AdminAccess
    let services: AdminServices

    func respond(to request: Request, context: Context) async -> Response {
        let answer = await answer(request)
        services.count(isRefused: answer.status >= 400)
        return answer.response(isHead: request.method == .head)
    }

    private func answer(_ given: Request) async -> AdminAnswer {
        let head = given.head
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
        if let body = route.body {
            do throws(BodyProblem) {
                placed.body = try await AdminResponder.body(of: given, upTo: body.byteCap)
            } catch {
                return error.answer
            }
        }
        return await route.answer(placed, services)
    }

    private struct BodyProblem: Error {
        var answer: AdminAnswer
    }

    /// What was sent; of callers who may send it alone.
    private static func body(
        of request: Request, upTo cap: Int
    ) async throws(BodyProblem) -> [UInt8] {
        let encoding = request.headers[.contentEncoding]?.lowercased() ?? "identity"
        guard encoding == "identity" else {
            throw BodyProblem(answer: .problem(415, "send the body as it is, not as `\(encoding)`"))
        }
        do {
            return Array(try await request.body.collect(upTo: cap).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw BodyProblem(answer: .problem(413, "the body has more than \(cap) bytes"))
        } catch {
            throw BodyProblem(answer: .problem(400, "the body did not come whole"))
        }
    }

    private func refused(_ head: HTTPRequest, _ need: AdminAccess.Need) -> AdminAnswer? {
        access.refusal(
            need, authority: head.authority, authorization: head.headerFields[.authorization])
    }
}

extension AdminRoute {
    fileprivate var httpMethod: HTTPRequest.Method {
        switch method {
        case .get: .get
        case .post: .post
        case .put: .put
        }
    }
}
