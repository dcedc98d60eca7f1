import NIOCore
import NIOPosix

/// Reads what a worker tells of itself at its unix socket.
package struct MetricScrape: Sendable {
    private let path: String
    private let patience: Duration

    package init(of path: String, patience: Duration = .seconds(2)) { (self.path, self.patience) = (path, patience) }

    /// Nil if nobody answers there in time.
    package func text() async -> String? {
        await withTaskGroup(of: String?.self) { group in
            group.addTask { try? await ask() }
            group.addTask {
                try? await Task.sleep(for: patience)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private func ask() async throws -> String? {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { answers, requests in
            try await requests.write(ByteBuffer(string: "GET /metrics HTTP/1.0\r\n\r\n"))
            var answer = ByteBuffer()
            for try await part in answers { answer.writeImmutableBuffer(part) }
            let text = String(buffer: answer)
            guard text.hasPrefix("HTTP/1.0 200 "), let end = text.firstRange(of: "\r\n\r\n") else { return nil }
            return String(text[end.upperBound...])
        }
    }
}
