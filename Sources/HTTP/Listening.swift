package import NIOCore

/// A socket that listens, bound with `child as any Channel` for each connection.
extension NIOAsyncChannel<any Channel, Never> {
    /// Serves whoever comes, each in a task of its own, until the task is cancelled; then those that are still served are
    /// cancelled, and waited for.
    package func serveAll(_ serve: @escaping @Sendable (any Channel) async -> Void) async throws {
        // Accepting is not cancelled but told that there will be no more: a cancelled loop would leave connections that nobody
        // closes.
        let accepting = Task {
            var serving: [Task<Void, Never>] = []
            try await executeThenClose { children in
                for try await child in children { serving.append(Task { await serve(child) }) }
            }
            for task in serving { task.cancel() }
            for task in serving { await task.value }
        }
        let listening = channel
        try await withTaskCancellationHandler {
            try await accepting.value
        } onCancel: {
            listening.close(promise: nil)
        }
    }
}
