// SPDX-License-Identifier: Apache-2.0

internal import Connectors
internal import HTTPTypes
internal import NIOCore

/// What a request is answered with: a status and a JSON object.
struct HTTPAnswer: Error, Sendable {
    var status: HTTPResponse.Status
    var fields: HTTPFields
    var body: ByteBuffer
    /// Whether the connection ends with it.
    var closes: Bool

    static func accepted(_ count: Int) -> HTTPAnswer {
        HTTPAnswer(.ok, closes: false) { json in
            json.key("accepted")
            json.int(Int64(count))
        }
    }

    /// - Parameter message: says how to mend it.
    static func refused(
        _ status: HTTPResponse.Status, _ message: String, _ fields: HTTPFields = [:],
        closes: Bool = true
    ) -> HTTPAnswer {
        var answer = HTTPAnswer(status, closes: closes) { json in
            json.key("error")
            json.string(message)
        }
        answer.fields.append(contentsOf: fields)
        return answer
    }

    /// There is too much at this moment; the same may be sent again.
    static func overload(_ message: String, closes: Bool) -> HTTPAnswer {
        refused(.tooManyRequests, message, [.retryAfter: "1"], closes: closes)
    }

    static let stopping = refused(
        .serviceUnavailable, "the service is stopping: send it again", [.retryAfter: "1"])

    private init(
        _ status: HTTPResponse.Status, closes: Bool, _ members: (inout JSONWriter) -> Void
    ) {
        var json = JSONWriter()
        json.beginObject()
        members(&json)
        json.endObject()
        self.status = status
        self.closes = closes
        body = ByteBuffer(bytes: json.bytes + [0x0a])
        fields = [.contentType: "application/json", .contentLength: "\(body.readableBytes)"]
        if closes { fields[.connection] = "close" }
    }

    var head: HTTPResponse { HTTPResponse(status: status, headerFields: fields) }
}
