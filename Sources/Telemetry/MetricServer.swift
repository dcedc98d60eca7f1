import NIOCore
import NIOHTTP1
import NIOPosix

#if canImport(Glibc)
import Glibc
#endif

/// Answers `GET /metrics`, and nothing else, until cancelled.
package struct MetricServer: Sendable {
    private let address: MetricAddress
    private let text: @Sendable () async -> String

    /// - Parameter text: is asked at each scrape, also by several at a time.
    package init(at address: MetricAddress, text: @escaping @Sendable () async -> String) {
        (self.address, self.text) = (address, text)
    }

    /// - Parameter listening: is told where, once it listens: a port of 0 has become a real one.
    /// - Throws: if the address can't be had.
    package func run(listening: @Sendable (MetricAddress) -> Void = { _ in }) async throws {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 128)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        let initialize: @Sendable (any Channel) -> EventLoopFuture<Connection> = { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                return try Connection(wrappingChannelSynchronously: channel)
            }
        }
        let server =
            switch address {
            case .loopback(let host, let port):
                try await bootstrap.bind(host: host, port: port, childChannelInitializer: initialize)
            case .unix(let path):
                // Left there by a worker that was killed. Whoever has the folder has the address.
                try await bootstrap.bind(
                    unixDomainSocketPath: path, cleanupExistingSocketFile: true, childChannelInitializer: initialize)
            }
        defer { if case .unix(let path) = address { unlink(path) } }
        if case .loopback(let host, _) = address, let port = server.channel.localAddress?.port {
            listening(.loopback(host: host, port: port))
        } else {
            listening(address)
        }
        try await server.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections {
                    group.addTask {
                        // One scraper that goes away is no reason to stop.
                        try? await serve(connection)
                    }
                }
            }
        }
    }

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    private func serve(_ connection: Connection) async throws {
        try await connection.executeThenClose { requests, responses in
            var head: HTTPRequestHead?
            for try await part in requests {
                switch part {
                case .head(let request): head = request
                case .body: break
                case .end:
                    guard let request = head else { return }
                    let isKnown = request.uri == "/metrics" || request.uri.hasPrefix("/metrics?")
                    let isRead = request.method == .GET || request.method == .HEAD
                    let body = isKnown && isRead ? await text() : "Metrics are at /metrics.\n"
                    let headers: HTTPHeaders = [
                        "content-type": isKnown && isRead ? MetricText.contentType : "text/plain; charset=utf-8",
                        "content-length": "\(body.utf8.count)", "connection": "close",
                    ]
                    try await responses.write(
                        .head(
                            HTTPResponseHead(
                                version: request.version,
                                status: isKnown ? isRead ? .ok : .methodNotAllowed : .notFound, headers: headers)))
                    if request.method != .HEAD {
                        try await responses.write(.body(.byteBuffer(ByteBuffer(string: body))))
                    }
                    try await responses.write(.end(nil))
                    return
                }
            }
        }
    }
}
