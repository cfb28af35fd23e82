// SPDX-License-Identifier: Apache-2.0

internal import Connectors
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// What a request is answered with.
struct AdminAnswer: Sendable {
    enum Body: Sendable {
        case bytes([UInt8])
        case stream(AsyncStream<[UInt8]>)
    }

    static let json = "application/json"

    var status: Int
    var contentType: String
    var body: Body
    var fields: [(name: String, value: String)] = []
    /// What a browser may do with it.
    var policy = "default-src 'none'; frame-ancestors 'none'"

    init(_ status: Int = 200, _ contentType: String, _ body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = .bytes(body)
    }

    init(_ status: Int = 200, text: String) {
        self.init(status, "text/plain; charset=utf-8", Array(text.utf8))
    }

    /// A JSON document.
    init(_ status: Int = 200, json write: (inout JSONWriter) -> Void) {
        var json = JSONWriter()
        write(&json)
        self.init(status, AdminAnswer.json, json.bytes + [0x0a])
    }

    /// Server-sent events.
    init(stream: AsyncStream<[UInt8]>) {
        status = 200
        contentType = "text/event-stream"
        body = .stream(stream)
    }

    /// What stands in the way (RFC 9457).
    static func problem(
        _ status: Int, _ detail: String, _ fields: [(name: String, value: String)] = []
    ) -> AdminAnswer {
        var answer = AdminAnswer(status) { json in
            json.beginObject()
            writeProblem(status, detail, to: &json)
            json.endObject()
        }
        answer.contentType = problemType
        answer.fields = fields
        return answer
    }

    static let problemType = "application/problem+json"

    private static let titles = [
        400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 409: "Conflict", 412: "Precondition Failed",
        413: "Content Too Large", 415: "Unsupported Media Type", 421: "Misdirected Request",
        422: "Unprocessable Content", 429: "Too Many Requests", 500: "Internal Server Error",
        503: "Service Unavailable", 504: "Gateway Timeout", 507: "Insufficient Storage",
    ]

    /// The members that every problem has.
    static func writeProblem(_ status: Int, _ detail: String, to json: inout JSONWriter) {
        json.pair("status", status)
        json.pair("title", titles[status] ?? "Error \(status)")
        json.pair("detail", detail)
    }

    /// - Parameter isHead: whether the body stays away.
    func response(isHead: Bool) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = contentType
        headers[.cacheControl] = "no-store"
        headers[.xContentTypeOptions] = "nosniff"
        headers[.contentSecurityPolicy] = policy
        headers[.referrerPolicy] = "no-referrer"
        for (name, value) in fields {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        switch body {
        case .bytes(let bytes):
            var response = Response(
                status: .init(code: status), headers: headers,
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
            if isHead { response = response.createHeadResponse() }
            return response
        case .stream(let stream):
            let body = ResponseBody { writer in
                for await bytes in stream { try await writer.write(ByteBuffer(bytes: bytes)) }
                try await writer.finish(nil)
            }
            return Response(
                status: .init(code: status), headers: headers, body: isHead ? ResponseBody() : body)
        }
    }
}

extension HTTPField.Name {
    fileprivate static let referrerPolicy = Self("Referrer-Policy")!
}
