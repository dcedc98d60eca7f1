import Postgres
import TestServers
import Testing

@Suite struct `A session` {
    @Test func `holds its lock until it is closed`() async throws {
        let pool = try await freshPool()
        let (first, second) = (try await pool.session(), try await pool.session())
        #expect(try await first.tryLock(42))
        #expect(try await second.tryLock(42) == false)
        #expect(try await first.unlock(42))
        #expect(try await first.unlock(42) == false)
        #expect(try await first.tryLock(42))
        await first.close()
        while try await second.tryLock(42) == false {}
        await second.close()
    }

    @Test func `knows whether it is alive`() async throws {
        let pool = try await freshPool()
        let session = try await pool.session()
        #expect(await session.isAlive)
        let pid: Int32 = try await session.query("SELECT pg_backend_pid()")[0].get(0)
        try await pool.execute("SELECT pg_terminate_backend(\(pid), 5000)")
        #expect(await session.isAlive == false)
        #expect(await failure { try await session.query("SELECT 1") }?.code == .connectionLost)
        let closed = try await pool.session()
        await closed.close()
        #expect(await closed.isAlive == false)
    }
}
