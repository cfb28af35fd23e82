// SPDX-License-Identifier: Apache-2.0

/// A certificate for `localhost` and 127.0.0.1 that signs itself, for tests alone.
package enum SelfSignedCertificate {
    package static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBZzCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
        c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
        CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFV/Rl8f/4zrwYQN
        tJGvL0ztoY4Y59fbLbYBcxA9wz0MeRdS+m3ib5gA8v0HYbNkjSvBdvPZtCYxwI41
        O66S7ASjTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNVHRMBAf8E
        BTADAQH/MB0GA1UdDgQWBBSgajNphi/C0AFcw8jB+Gw8MmBpfTAKBggqhkjOPQQD
        AgNIADBFAiEAwvpTJ0mPhLzA9ll58ws7KRq0A5cSqqlRlb1IrEcY7rcCIDlOiPwA
        lzRmoWBa+3ILS250n9WfzoKo0QmZipf/itdU
        -----END CERTIFICATE-----

        """

    package static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgBo04eGDCxJ+Tlua2
        gpWfKOfgj7eAwYLrEUxO9IAvybOhRANCAARVf0ZfH/+M68GEDbSRry9M7aGOGOfX
        2y22AXMQPcM9DHkXUvpt4m+YAPL9B2GzZI0rwXbz2bQmMcCONTuukuwE
        -----END PRIVATE KEY-----

        """
}
