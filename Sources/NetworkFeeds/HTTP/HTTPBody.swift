// SPDX-License-Identifier: Apache-2.0
// Exercised by HTTPBodyTests.

internal import Connectors
internal import HTTPTypes

/// The body of a request as it comes in, unpacked, and bounded before and after that.
struct HTTPBody: ~Copyable {
    enum Packing: Hashable, Sendable {
        case none
        case gzip

        /// Nil: an encoding that is not understood.
        init?(_ contentEncoding: String?) {
            switch contentEncoding?.lowercased() {
            case nil, "", "identity": self = .none
            case "gzip", "x-gzip": self = .gzip
            default: return nil
            }
        }
    }

    private let byteCap: Int
    private let stream: GzipStream?
    private var packed: [UInt8] = []
    private var mayEnd = true
    /// Bytes as they came.
    private(set) var receivedByteCount = 0
    private(set) var bytes: [UInt8] = []

    init(_ packing: Packing, byteCap: Int) {
        self.byteCap = byteCap
        stream = packing == .gzip ? GzipStream() : nil
    }

    /// What of memory is in use.
    var heldByteCount: Int { bytes.count + packed.count }

    /// Takes the next part.
    mutating func take(_ part: some Collection<UInt8>) throws(HTTPAnswer) {
        receivedByteCount += part.count
        if receivedByteCount > byteCap { throw tooLarge("is") }
        guard let stream else {
            bytes.append(contentsOf: part)
            return
        }
        packed.append(contentsOf: part)
        var start = 0
        var isStuck = false
        while !isStuck {
            let before = bytes.count
            let result = stream.unpack(packed[start...], into: &bytes)
            if let problem = result.problem {
                throw .refused(.badRequest, "the body is no gzip data: \(problem)")
            }
            start += result.taken
            mayEnd = result.isBetweenMembers
            if bytes.count > byteCap { throw tooLarge("unpacks to") }
            isStuck = result.taken == 0 && bytes.count == before
        }
        packed.removeFirst(start)
    }

    /// Makes sure that the end is one.
    func finish() throws(HTTPAnswer) {
        if stream != nil, !mayEnd || receivedByteCount == 0 {
            throw .refused(.badRequest, "the gzip data is cut off")
        }
    }

    private func tooLarge(_ verb: String) -> HTTPAnswer {
        HTTPBody.tooLarge(verb, byteCap: byteCap)
    }

    static func tooLarge(_ verb: String, byteCap: Int) -> HTTPAnswer {
        .refused(
            .contentTooLarge,
            "the body \(verb) more than \(byteCap) bytes: send less at once, or raise `max_body`")
    }
}
