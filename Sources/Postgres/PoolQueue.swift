/// Who has which of a pool's connections, and who waits for one, in order of arrival. A value: the pool guards it.
struct PoolQueue {
    /// What a caller who wants a connection gets.
    enum Grant {
        /// One that is open.
        case connection(PostgresConnection)
        /// The right to open one.
        case slot
        case closed
        case timedOut
        case cancelled
    }

    struct Waiter {
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<Grant, Never>
    }

    let size: Int
    private(set) var isClosed = false
    /// The last one used is taken first: it is the likeliest to be in the caches.
    private var idle: [PostgresConnection] = []
    /// Connections open or being opened.
    private var taken = 0
    private var waiters: [Int: Waiter] = [:]
    /// Tickets in order of arrival, those of waiters who left included; served up to `served`.
    private var order: [Int] = []
    private var served = 0
    private var tickets = 0

    init(size: Int) {
        self.size = max(1, size)
    }

    /// nil when the caller has to wait.
    mutating func take() -> Grant? {
        if isClosed { return .closed }
        if let connection = idle.popLast() { return .connection(connection) }
        guard taken < size else { return nil }
        taken += 1
        return .slot
    }

    /// Names a waiter before it queues, so that its cancellation can find it.
    mutating func ticket() -> Int {
        tickets += 1
        return tickets
    }

    mutating func enqueue(_ waiter: Waiter, ticket: Int) {
        waiters[ticket] = waiter
        order.append(ticket)
    }

    mutating func leave(_ ticket: Int) -> Waiter? {
        waiters.removeValue(forKey: ticket)
    }

    /// Takes a connection back. Returns who gets it next.
    mutating func giveBack(_ connection: PostgresConnection) -> Waiter? {
        if isClosed {
            taken -= 1
            return nil
        }
        if let waiter = nextWaiter() { return waiter }
        idle.append(connection)
        return nil
    }

    /// A connection is gone. Returns who may open another.
    mutating func giveUpSlot() -> Waiter? {
        if !isClosed, let waiter = nextWaiter() { return waiter }
        taken -= 1
        return nil
    }

    /// Those whose time is up, and when the next one's is.
    mutating func expire(at now: ContinuousClock.Instant) -> (expired: [Waiter], next: ContinuousClock.Instant?) {
        var expired: [Waiter] = []
        while let first = peek() {
            guard first.deadline <= now else { return (expired, first.deadline) }
            if let waiter = nextWaiter() { expired.append(waiter) }
        }
        return (expired, nil)
    }

    /// Returns whom to turn away, and what to close.
    mutating func close() -> (waiters: [Waiter], connections: [PostgresConnection]) {
        isClosed = true
        defer {
            waiters = [:]
            idle = []
        }
        taken -= idle.count
        return (Array(waiters.values), idle)
    }

    private mutating func peek() -> Waiter? {
        while served < order.count {
            if let waiter = waiters[order[served]] { return waiter }
            served += 1
        }
        order.removeAll(keepingCapacity: true)
        served = 0
        return nil
    }

    private mutating func nextWaiter() -> Waiter? {
        guard peek() != nil else { return nil }
        defer { served += 1 }
        if served > 1024, served > order.count / 2 {
            order.removeFirst(served)
            served = 0
        }
        return waiters.removeValue(forKey: order[served])
    }
}
