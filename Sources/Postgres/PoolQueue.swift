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
    private var nextTicket = 0
    private var firstTicket = 0

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

    mutating func ticket() -> Int {
        defer { nextTicket += 1 }
        return nextTicket
    }

    mutating func enqueue(_ waiter: Waiter, ticket: Int) {
        waiters[ticket] = waiter
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
        while firstTicket < nextTicket, waiters[firstTicket] == nil { firstTicket += 1 }
        return waiters[firstTicket]
    }

    private mutating func nextWaiter() -> Waiter? {
        guard peek() != nil else { return nil }
        return waiters.removeValue(forKey: firstTicket)
    }
}
