// SPDX-License-Identifier: Apache-2.0

/// Certificates and keys that are good for nothing but tests, until 2120.
enum TestCertificates {
    /// Signed those of the server and of the client.
    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBSjCB8aADAgECAgEBMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCWF1dGhvcml0
        eTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFDESMBAGA1UEAwwJ
        YXV0aG9yaXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEUvH10UtQphN11/0U
        P537DagynO8EavDXOCi9idtvSme2I7tpIvL2IKSQssTFgfMyEo9un1TSv69uG0av
        +I52c6MyMDAwDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQU0zQB0CF6LTguEzlN
        0WDv10Rm33MwCgYIKoZIzj0EAwIDSAAwRQIgIzmZzw/w0YitmtnmL9MotJE3ZYSz
        iiFKJk1A5v5vfMoCIQD964ZfaL0grw98swYdM4QY+Z809e1WbeqirjZYkFwCoA==
        -----END CERTIFICATE-----
        """
    /// For `localhost` and 127.0.0.1.
    static let server = """
        -----BEGIN CERTIFICATE-----
        MIIBfjCCASWgAwIBAgIBAjAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlhdXRob3Jp
        dHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBExDzANBgNVBAMM
        BnNlcnZlcjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABAMENFzoxGuQshvg3576
        j0DInrxpHqxSd/EojqZZLnHkWlUxgvwHDuN0RF6IOdlq+EmkSvlVu+yTUhn5pKu+
        t5ejaTBnMAkGA1UdEwQCMAAwGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMB0G
        A1UdDgQWBBTDNSO6FEmLHEaoRXPpBXE1mKAGXzAfBgNVHSMEGDAWgBTTNAHQIXot
        OC4TOU3RYO/XRGbfczAKBggqhkjOPQQDAgNHADBEAh9rRr+dkTZAXtyrGluHJM+V
        x7wWMV7NdxcYSdOk+h2UAiEAnD7v5MjZuQ3PDO2wmUmLd0XOwOd1dqbkWpmozEWq
        ZhA=
        -----END CERTIFICATE-----
        """
    static let serverKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgh5jyDES+xxLgTE51
        saqON9hqvUt5lLM2hPcYdYOTCQ+hRANCAAQDBDRc6MRrkLIb4N+e+o9AyJ68aR6s
        UnfxKI6mWS5x5FpVMYL8Bw7jdEReiDnZavhJpEr5Vbvsk1IZ+aSrvreX
        -----END PRIVATE KEY-----
        """
    /// Of another certificate.
    static let clientKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnLZcqVPpJ6RVJ1bP
        xm4jrJ9iW3Gcbc4RjQjK55xkEzehRANCAATOxJSFWqeI4X/ig/9LNtA4VD38Q2EW
        YIfetajeWbSsqOoWPm4o6pnATha0dqJwkEUpxvimI90bbte+y+8RrE2f
        -----END PRIVATE KEY-----
        """
}
