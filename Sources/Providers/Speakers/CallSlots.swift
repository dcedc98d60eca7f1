/// How many calls this process has under way with one key, no more than the provider's own answers say it takes.
actor CallSlots {
    private var limit: Int
    private var used = 0
    private var waiting: [(id: Int, continuation: CheckedContinuation<Void, any Error>)] = []
    private var lastID = 0

    /// - Parameter limit: until an answer has told another.
    init(limit: Int) { self.limit = max(1, limit) }

    /// Waits until there is room for another call, in the order of asking.
    ///
    /// - Throws: `CancellationError`
    func take() async throws {
        try Task.checkCancellation()
        if used < limit, waiting.isEmpty {
            used += 1
            return
        }
        lastID += 1
        let id = lastID
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                if Task.isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else {
                    waiting.append((id, continuation))
                }
            }
        } onCancel: {
            // Actors can't be entered from here; the task ends as soon as it has told.
            Task { await self.forget(id) }
        }
    }

    func giveBack() {
        used -= 1
        admit()
    }

    /// An answer's word on how many calls the key may have under way, and how many it has, ours among them: what other
    /// processes use is not ours to take.
    func learn(maximum: Int, current: Int?) {
        limit = max(1, maximum - max(0, (current ?? used) - used))
        admit()
    }

    /// A call was refused because too many are under way: with the others there is room for one less than we have.
    func wasRefused() { limit = max(1, used - 1) }

    private func forget(_ id: Int) {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
        waiting.remove(at: index).continuation.resume(throwing: CancellationError())
    }

    private func admit() {
        while used < limit, !waiting.isEmpty {
            used += 1
            waiting.removeFirst().continuation.resume()
        }
    }
}
