import Logging
import Redis
import TestServers
import Testing

/// A client of a test's own server, or of the shared one in a database that no other test uses.
func withClient<Value>(
    _ server: PrivateRedis? = nil, database: Int = 0, _ change: (inout RedisConfiguration) -> Void = { _ in },
    isolation: isolated (any Actor)? = #isolation, _ body: (RedisClient) async throws -> Value
) async throws -> Value {
    let server =
        if let server { server } else { try await PrivateRedis.shared() }
    var configuration = RedisConfiguration(
        address: .unixSocket(path: server.socketPath), database: database,
        // A machine that does much else may take longer than a user would wait.
        connectTimeout: .seconds(30), commandTimeout: .seconds(60),
        backoff: RedisBackoff(base: .milliseconds(5), cap: .milliseconds(20)))
    change(&configuration)
    let client = RedisClient(configuration: configuration, logger: silent)
    do {
        let value = try await body(client)
        await client.close()
        return value
    } catch {
        await client.close()
        throw error
    }
}

let silent = Logger(label: "redis tests") { _ in SwiftLogNoOpLogHandler() }

/// The error that `body` throws; nil if it throws none.
func error<Value>(
    isolation: isolated (any Actor)? = #isolation, of body: () async throws -> Value
) async -> RedisError? {
    do {
        _ = try await body()
        return nil
    } catch {
        if !(error is RedisError) { Issue.record(error) }
        return error as? RedisError
    }
}

func expectError<Value>(
    _ code: RedisError.Code, sourceLocation: SourceLocation = #_sourceLocation,
    isolation: isolated (any Actor)? = #isolation, of body: () async throws -> Value
) async {
    let error = await error(of: body)
    #expect(error?.code == code, sourceLocation: sourceLocation)
}

/// An error reply that begins with `word`.
func expectRefusal<Value>(
    _ word: Substring, sourceLocation: SourceLocation = #_sourceLocation,
    isolation: isolated (any Actor)? = #isolation, of body: () async throws -> Value
) async {
    let error = await error(of: body)
    #expect(error?.replyCode == word, sourceLocation: sourceLocation)
}

func expectEventually(
    sourceLocation: SourceLocation = #_sourceLocation, isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async rethrows {
    let holds = try await eventually(condition)
    #expect(holds, sourceLocation: sourceLocation)
}

/// Asks again until `condition` holds, for what no event announces, such as another process' state. False after 20 s.
func eventually(
    isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return false
}
