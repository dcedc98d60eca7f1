/// Does the work of one stage.
///
/// This is the seam between the queue and whatever knows what a job is.
public protocol DeliveryHandler: Sendable {
    /// Does a delivery's work, commits its result where the truth is kept, and says what became of it.
    ///
    /// It starts on the worker's loop, and gets a thread of its own when it first waits for something: long computing
    /// belongs behind that. Its task is cancelled at the stage's time limit, and when the worker must stop;
    /// ``DeliveryContext/interruption`` tells which. It must then return soon, with a disposition all the same.
    func handle(_ delivery: Delivery, _ context: DeliveryContext) async -> Disposition

    /// Ends a delivery that was about to be handled alone three times, and each time the worker died before
    /// ``DeliveryContext/begun()``. Commits that it is dead, and says so; or ``Disposition/released``, if that can't be.
    func bury(_ delivery: Delivery, _ context: DeliveryContext) async -> Disposition
}

extension DeliveryHandler {
    public func bury(_ delivery: Delivery, _ context: DeliveryContext) async -> Disposition {
        .buried(reason: "its workers died three times before it began")
    }
}

/// Why a handler's task was cancelled.
public enum Interruption: Sendable, Hashable {
    /// The stage's time limit has passed.
    case timeLimit
    /// The worker stops, and its drain time is over: give the delivery back.
    case release
}
