// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// A TCP connection to this machine, for what no proper client does. It blocks its thread.
final class RawConnection: Sendable {
    private let descriptor: CInt

    struct NoConnection: Error {}

    /// - Parameter timeout: seconds after which a read gives up.
    init(port: Int, timeout: Int = 60) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = RawConnection.address(port)
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        // SAFETY: the structures live for the calls, which are told their sizes.
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe setsockopt(
                descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            return unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw NoConnection() }
    }

    deinit { Glibc.close(descriptor) }

    private static func address(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        return address
    }

    /// False: the other side has gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            // SAFETY: the buffer has as many bytes as are told.
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Says that nothing more will be sent.
    func endSending() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// Everything up to the end; nil: the other side did not close in time.
    func readToEnd() -> String? {
        var text: [UInt8] = []
        while let part = read() {
            if part.isEmpty { return String(decoding: text, as: UTF8.self) }
            text += part
        }
        return nil
    }

    /// Reads until what came contains a text; what came.
    func read(upTo end: String) -> String {
        var text: [UInt8] = []
        while !String(decoding: text, as: UTF8.self).contains(end), let part = read(), !part.isEmpty
        {
            text += part
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Empty: the end; nil: nothing came in time.
    private func read() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        // SAFETY: the buffer has as many bytes as are told.
        let count = unsafe buffer.withUnsafeMutableBytes {
            unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
        }
        if count < 0 { return errno == ECONNRESET ? [] : nil }
        return Array(buffer[..<count])
    }

    /// Sends datagrams to a port of this machine.
    static func sendDatagrams(_ datagrams: [[UInt8]], to port: Int) {
        let descriptor = socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
        defer { Glibc.close(descriptor) }
        var address = address(port)
        for datagram in datagrams {
            // SAFETY: the structures live for the call, which is told their sizes.
            _ = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { target in
                    unsafe datagram.withUnsafeBytes {
                        unsafe sendto(
                            descriptor, $0.baseAddress, $0.count, 0, target,
                            socklen_t(MemoryLayout<sockaddr_in>.size))
                    }
                }
            }
        }
    }
}
