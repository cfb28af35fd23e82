// SPDX-License-Identifier: Apache-2.0
// Exercised by RunAdminTests.

internal import Live

/// What commands, which have a thread to themselves, do with what is done elsewhere.
enum Waiting {
    /// Waits for what `body` gives.
    ///
    /// - Precondition: the thread is none of those on which tasks run.
    static func result<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () async throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let result = Guarded<Result<Value, Failure>?>(nil)
        run(body, result)
        guard let result = result.wait(upTo: nil, until: { $0 }) else {
            preconditionFailure("a wait without a limit ends with a result")
        }
        return try result.get()
    }

    /// Waits until `body` has come to its end, for so many nanoseconds at most.
    static func end(
        upTo limit: Int64, _ body: @escaping @Sendable () async -> Void
    ) {
        let result = Guarded<Result<Void, Never>?>(nil)
        run(body, result)
        _ = result.wait(upTo: limit) { $0 }
    }

    private static func run<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () async throws(Failure) -> Value,
        _ result: Guarded<Result<Value, Failure>?>
    ) {
        Task {
            do throws(Failure) {
                let value = try await body()
                result.with { $0 = .success(value) }
            } catch {
                result.with { $0 = .failure(error) }
            }
        }
    }
}
