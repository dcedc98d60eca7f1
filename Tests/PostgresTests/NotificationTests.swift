import Postgres
import TestServers
import Testing

@Suite struct `Listening` {
    @Test func `hears what is notified from the moment it is set up`() async throws {
        let pool = try await freshPool()
        let notifications = try await pool.listen(on: ["jobs", "Odd \"name\""])
        try await pool.execute("SELECT pg_notify('jobs', \("first"))")
        try await pool.execute("SELECT pg_notify('Odd \"name\"', \("second"))")
        try await pool.execute("SELECT pg_notify('others', 'never heard')")
        try await pool.execute("SELECT pg_notify('jobs', \("third"))")
        var heard: [String] = []
        for await element in notifications {
            guard case .notification(let notification) = element else { continue }
            heard.append("\(notification.channel): \(notification.payload)")
            if heard.count == 3 { break }
        }
        #expect(heard == ["jobs: first", "Odd \"name\": second", "jobs: third"])
    }

    @Test func `goes on after the server was killed, and says so`() async throws {
        let server = try await PrivatePostgres.start()
        let pool = try await freshPool(on: server) { $0.acquireTimeout = .seconds(60) }
        let notifications = try await pool.listen(on: ["jobs"])
        var iterator = notifications.makeAsyncIterator()
        try await pool.execute("NOTIFY jobs, 'before'")
        #expect(await iterator.next()?.payload == "before")
        await server.kill()
        async let restarted: Void = server.restart()
        #expect(await iterator.next() == .reconnected)
        try await restarted
        try await pool.execute("NOTIFY jobs, 'after'")
        #expect(await iterator.next()?.payload == "after")
    }

    @Test func `ends when its task is cancelled, also in the midst of waiting`() async throws {
        let pool = try await freshPool()
        let notifications = try await pool.listen(on: ["jobs"])
        let heard = Meeting(of: 2)
        let task = Task {
            var count = 0
            for await _ in notifications {
                count += 1
                await heard.arrive()
            }
            return count
        }
        try await pool.execute("NOTIFY jobs")
        await heard.arrive()
        task.cancel()
        #expect(await task.value == 1)
    }
}

extension PostgresNotifications.Element {
    fileprivate var payload: String? {
        guard case .notification(let notification) = self else { return nil }
        return notification.payload
    }
}
