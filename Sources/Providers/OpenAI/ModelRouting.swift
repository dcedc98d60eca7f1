import Production

/// Which model writes a story, and which one follows where it fails.
package struct ModelRouting: Sendable, Equatable {
    /// The primary first; each after it is asked where those before have failed.
    package let models: [ChatModel]
    /// How many of a hundred stories go to the cheapest model first, 0 to 100.
    package let cheaperShare: Int

    /// Nil without a model.
    package init?(_ models: [ChatModel], cheaperShare: Int = 60) {
        guard !models.isEmpty else { return nil }
        (self.models, self.cheaperShare) = (models, min(max(cheaperShare, 0), 100))
    }

    /// Decided by the channel and the item alone: a retry asks the same model, and so finds its kept answers.
    ///
    /// - Parameter cost: of a model for this story; the models are equally dear where they are free, and keep their order.
    func order(
        channel: Channel.ID, item: String, cost: (ChatModel) throws -> MicroDollars
    ) rethrows -> (models: [ChatModel], isCheaper: Bool) {
        let draw = Int(UInt64(bitPattern: StableHash.of("\(channel)/\(item)")) % 100)
        let costs = try models.map(cost)
        guard draw < cheaperShare, let least = costs.min(), let cheapest = costs.firstIndex(of: least),
            least < costs[0]
        else { return (models, false) }
        var order = models
        order.insert(order.remove(at: cheapest), at: 0)
        return (order, true)
    }
}
