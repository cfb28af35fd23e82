// SPDX-License-Identifier: Apache-2.0

/// Certificates and keys that are good for nothing but tests, until 2120.
package enum TestCertificates {
    /// Signed those of the server and of the client.
    package static let authority = """
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
    package static let server = """
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
    package static let serverKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgh5jyDES+xxLgTE51
        saqON9hqvUt5lLM2hPcYdYOTCQ+hRANCAAQDBDRc6MRrkLIb4N+e+o9AyJ68aR6s
        UnfxKI6mWS5x5FpVMYL8Bw7jdEReiDnZavhJpEr5Vbvsk1IZ+aSrvreX
        -----END PRIVATE KEY-----
        """
    package static let client = """
        -----BEGIN CERTIFICATE-----
        MIIBfjCCASWgAwIBAgIBAzAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlhdXRob3Jp
        dHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBExDzANBgNVBAMM
        BmNsaWVudDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABM7ElIVap4jhf+KD/0s2
        0DhUPfxDYRZgh961qN5ZtKyo6hY+bijqmcBOFrR2onCQRSnG+KYj3Rtu177L7xGs
        TZ+jaTBnMAkGA1UdEwQCMAAwGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMB0G
        A1UdDgQWBBTDecnTxSmZA8pLswwiQY2zDRPmADAfBgNVHSMEGDAWgBTTNAHQIXot
        OC4TOU3RYO/XRGbfczAKBggqhkjOPQQDAgNHADBEAiB2AIa2ZYakF/1ZodMJriYF
        toVDIHgG888BEdvrFmRetAIgeMlnKRcRqTFnhaIq2a+3P8FbhU3RjSaRZyICCr1/
        2zk=
        -----END CERTIFICATE-----
        """
    package static let clientKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnLZcqVPpJ6RVJ1bP
        xm4jrJ9iW3Gcbc4RjQjK55xkEzehRANCAATOxJSFWqeI4X/ig/9LNtA4VD38Q2EW
        YIfetajeWbSsqOoWPm4o6pnATha0dqJwkEUpxvimI90bbte+y+8RrE2f
        -----END PRIVATE KEY-----
        """
    /// Signed by nobody.
    package static let stranger = """
        -----BEGIN CERTIFICATE-----
        MIIBXjCCAQWgAwIBAgIBBDAKBggqhkjOPQQDAjATMREwDwYDVQQDDAhzdHJhbmdl
        cjAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowEzERMA8GA1UEAwwI
        c3RyYW5nZXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAStvyqEausBq4Vg6S4u
        OyBKdVIs/NlVh40sPExMFEc0ewkcPf7Kq5jDWZAfdD+J/X+Fh3kcqM3pZl2SmQnm
        /nF/o0gwRjAJBgNVHRMEAjAAMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAd
        BgNVHQ4EFgQUjBqCWPjt5PsZmjw45vyiEOPyyPkwCgYIKoZIzj0EAwIDRwAwRAIg
        KnrxtiMAO3jGcM/8kGIsAKmRj3tyAxHL/OPbXkupY04CIErvuUJJzE51dRaAM7vq
        Nw6kihXn0mnRnV1ZabvB7k8N
        -----END CERTIFICATE-----
        """
    package static let strangerKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgq6PIEu62Qzy47vEf
        qxfL8ndIDo/ObyO029ryT+BhcTOhRANCAAStvyqEausBq4Vg6S4uOyBKdVIs/NlV
        h40sPExMFEc0ewkcPf7Kq5jDWZAfdD+J/X+Fh3kcqM3pZl2SmQnm/nF/
        -----END PRIVATE KEY-----
        """
}
