// SPDX-License-Identifier: Apache-2.0
// Exercised by RunAdminTests.

internal import AdminServer
internal import Live
internal import Logging

extension RunCommand {
    /// Starts the admin server, if there is to be one; one that nobody asked for may stay away.
    static func startAdmin(
        _ configuration: AdminConfiguration, _ services: AdminServices, descriptorCap: Int,
        _ log: Logger
    ) async throws(CommandFailure) -> AdminServer? {
        guard let listen = configuration.listen else { return nil }
        var options = AdminOptions(listen: listen)
        options.descriptorCap = descriptorCap
        options.token = try token(configuration)
        if let chain = configuration.certificateFile, let key = configuration.keyFile {
            options.certificate = (chain, key)
        }
        // What the server has to say of itself at its start is said below.
        var serverLog = log
        serverLog.logLevel = max(log.logLevel, .warning)
        do throws(AdminError) {
            let server = try await AdminServer.start(options, services, log: serverLog)
            let scheme = options.certificate == nil ? "http" : "https"
            log.info("admin server on \(scheme)://\(server.address)")
            return server
        } catch {
            guard configuration.isAskedFor else {
                log.warning("\(error); running without")
                return nil
            }
            throw CommandFailure(.failed("\(error)", .environment))
        }
    }

    private static func token(
        _ configuration: AdminConfiguration
    ) throws(CommandFailure) -> String? {
        guard let path = configuration.tokenFile else { return configuration.token }
        let bytes: [UInt8]
        do throws(StateError) {
            bytes = try SystemDisk().read(path)
        } catch {
            throw CommandFailure(.failed("\(error)", .environment))
        }
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0a, 0x0d]
        let token = String(
            decoding: bytes.drop { blanks.contains($0) }.reversed().drop { blanks.contains($0) }
                .reversed(), as: UTF8.self)
        guard token.utf8.count >= AdminConfiguration.leastTokenLength else {
            throw CommandFailure(
                .failed(
                    "the token in `\(path)` has fewer than "
                        + "\(AdminConfiguration.leastTokenLength) characters", .usage))
        }
        return token
    }
}
