// SPDX-License-Identifier: Apache-2.0
// Exercised by simulated networks, and by fuzzers.

package import Connectors
internal import HTTPTypes
package import Live
internal import NIOCore

/// What comes over a connection, made records as the TCP feed does it, without the connection.
package struct ReceivedStream {
    private var cutter: MessageCutter
    /// Whether what came cannot be understood: nothing more is taken.
    package private(set) var isBroken = false

    package init(_ framing: MessageFraming, maxByteCount: Int, format: FeedFormat) {
        cutter = MessageCutter(
            framing, maxByteCount: maxByteCount, newlineText: MessageCutter.newlineText(format))
    }

    /// Bytes of a record that is not whole.
    package var heldByteCount: Int { cutter.heldByteCount }

    /// Takes bytes, and appends the records that are whole now, each a line.
    package mutating func take(_ bytes: ArraySlice<UInt8>, into lines: inout [UInt8]) {
        if isBroken { return }
        do throws(MessageCutter.FramingError) {
            try cutter.take(bytes, into: &lines)
        } catch {
            isBroken = true
        }
    }

    /// Takes the end of the connection.
    package mutating func finish(into lines: inout [UInt8]) {
        if !isBroken { cutter.finish(into: &lines) }
    }
}

/// The body of a request, made records as the HTTP feed does it, without the request.
package final class ReceivedBody {
    /// Why a request is answered with an error.
    package struct Refusal: Error, Hashable {
        package var status: Int
        package var reason: String

        fileprivate init(_ answer: HTTPAnswer) {
            status = answer.status.code
            reason = String(buffer: answer.body)
        }
    }

    private var body: HTTPBody
    private let content: HTTPContent

    /// Nil: the head says something that is not understood.
    package init?(
        contentType: String?, contentEncoding: String?, format: FeedFormat, byteCap: Int
    ) {
        guard let packing = HTTPBody.Packing(contentEncoding),
            let content = HTTPContent(contentType: contentType, format)
        else { return nil }
        body = HTTPBody(packing, byteCap: byteCap)
        self.content = content
    }

    /// Bytes that are held, unpacked or not.
    package var heldByteCount: Int { body.heldByteCount }

    package func take(_ part: ArraySlice<UInt8>) throws(Refusal) {
        do throws(HTTPAnswer) {
            try body.take(part)
        } catch {
            throw Refusal(error)
        }
    }

    /// The records, each a line, and how many they are without blank ones.
    package func finish() throws(Refusal) -> (lines: [UInt8], count: Int) {
        do throws(HTTPAnswer) {
            try body.finish()
            return try content.lines(of: body.bytes)
        } catch {
            throw Refusal(error)
        }
    }
}
