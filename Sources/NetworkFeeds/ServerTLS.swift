// SPDX-License-Identifier: Apache-2.0

internal import Live
internal import NIOSSL

/// The TLS of a server: version 1.2 or later.
enum ServerTLS {
    /// - Throws: `unusable` with the file that is to blame.
    static func configuration(_ files: ServerTLSFiles) throws(StateError) -> TLSConfiguration {
        let chain = try certificates(files.certificate).map {
            NIOSSLCertificateSource.certificate($0)
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: files.key, format: .pem)
        } catch {
            throw .unusable(path: files.key, reason: "it is no private key in PEM form")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        if let authorities = files.clientAuthorities {
            configuration.trustRoots = .certificates(try certificates(authorities))
            configuration.certificateVerification = .noHostnameVerification
        }
        return configuration
    }

    /// What the connections of a server share.
    static func context(_ files: ServerTLSFiles) throws(StateError) -> NIOSSLContext {
        let configuration = try configuration(files)
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw .unusable(
                path: files.certificate, reason: "it does not go with the key `\(files.key)`")
        }
    }

    private static func certificates(_ path: String) throws(StateError) -> [NIOSSLCertificate] {
        do {
            return try NIOSSLCertificate.fromPEMFile(path)
        } catch {
            throw .unusable(path: path, reason: "it has no certificates in PEM form")
        }
    }
}
