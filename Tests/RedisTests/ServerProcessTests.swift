import Foundation
import Redis
import TestServers
import Testing

@Suite struct `A private server` {
    @Test func `and its folder go when its owner lets go of it`() async throws {
        var server: PrivateRedis? = try await PrivateRedis.start()
        let (pid, socket) = try (#require(server?.pid), #require(server?.socketPath))
        try await server?.restart()
        #expect(server?.pid != pid && server?.socketPath == socket)
        let second = try #require(server?.pid)
        server = nil
        await expectEventually { kill(second, 0) != 0 }
        await expectEventually {
            !FileManager.default.fileExists(atPath: (socket as NSString).deletingLastPathComponent)
        }
    }

    @Test func `that isn't installed says how to get it`() {
        let missing = #expect(throws: ServerError.self) {
            try ServerProcess.find("no-such-server", package: "redis-server")
        }
        #expect(missing?.description.contains("sudo apt-get install redis-server") == true)
    }
}
