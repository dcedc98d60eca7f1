import AsyncHTTPClient
import FoundationEssentials
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Makes calls to servers: the one place from which providers are spoken to. Connections are used again while they are
/// fresh; nothing is ever repeated here.
package final class HTTPCaller: Sendable {
    package struct Settings: Sendable {
        /// `http://host:port`; nil for none.
        package var proxy: String?
        /// A PEM file of certificate authorities that are trusted beside the system's.
        package var authorities: String?
        package var agent: String
        package var connectTimeout: Duration

        package init(
            proxy: String? = nil, authorities: String? = nil, agent: String = "ytempire",
            connectTimeout: Duration = .seconds(10)
        ) {
            (self.proxy, self.authorities, self.agent, self.connectTimeout) = (
                proxy, authorities, agent, connectTimeout
            )
        }
    }

    private let client: HTTPClient
    private let agent: String

    /// - Throws: `HTTPFault(.file)` if the authorities can't be read, `.badURL` if the proxy is none.
    package init(_ settings: Settings = Settings()) throws(HTTPFault) {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .milliseconds(settings.connectTimeout.milliseconds)
        // A server may close an idle connection just when a request goes out on it, and nobody can tell then whether it was
        // read. Servers commonly wait for five seconds or more.
        configuration.connectionPool.idleTimeout = .seconds(2)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        if let proxy = settings.proxy {
            guard let url = URL(string: proxy), let host = url.host(), let port = url.port, url.scheme == "http" else {
                throw HTTPFault(
                    .badURL, call: "use the proxy", reason: "it should be http://HOST:PORT", mayHaveSent: false)
            }
            configuration.proxy = .server(host: host, port: port)
        }
        if let file = settings.authorities {
            var tls = TLSConfiguration.makeClientConfiguration()
            do {
                tls.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(file))]
            } catch {
                throw HTTPFault(
                    .file, call: "trust \(file)", reason: "it can't be read as PEM certificates: \(error)",
                    mayHaveSent: false)
            }
            configuration.tlsConfiguration = tls
        }
        client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        agent = settings.agent
    }

    // The client wants to be told that it is used no more; its connections end by themselves.
    deinit { client.shutdown { _ in } }

    /// Makes a call and reads its answer into memory.
    ///
    /// - Throws: `HTTPFault`, `CancellationError`.
    package func call(_ call: HTTPCall) async throws -> HTTPReply { try await make(call, into: nil) }

    /// Makes a call and writes the body of a successful answer (2xx) into a file that did not exist or is replaced; the body of
    /// any other is in the reply. A file that was not completed is removed.
    ///
    /// - Throws: `HTTPFault`, `CancellationError`.
    package func download(_ call: HTTPCall, to path: String) async throws -> HTTPReply {
        do {
            return try await make(call, into: path)
        } catch {
            try? FileManager.default.removeItem(atPath: path)
            throw error
        }
    }

    private func make(_ call: HTTPCall, into path: String?) async throws -> HTTPReply {
        let pulse = Pulse(call)
        return try await withThrowingTaskGroup(of: HTTPReply.self) { group in
            group.addTask { try await self.follow(call, into: path, pulse) }
            group.addTask {
                let reason = try await pulse.stopped()
                throw HTTPFault(.timedOut, call: call.shown, reason: reason, mayHaveSent: true)
            }
            defer { group.cancelAll() }
            guard let reply = try await group.next() else { throw CancellationError() }
            return reply
        }
    }

    private func follow(_ call: HTTPCall, into path: String?, _ pulse: Pulse) async throws -> HTTPReply {
        var call = call
        var left = call.method == .GET || call.method == .HEAD ? call.redirects : 0
        while true {
            let reply = try await exchange(call, into: path, pulse)
            guard left > 0 || call.redirects > 0, [301, 302, 303, 307, 308].contains(reply.status),
                let location = reply.headers.first(name: "Location")
            else { return reply }
            guard left > 0 else {
                throw HTTPFault(
                    .tooManyRedirects, call: call.shown, reason: "more than \(call.redirects) redirects",
                    mayHaveSent: true)
            }
            left -= 1
            guard let base = URL(string: call.url), let next = URL(string: location, relativeTo: base)?.absoluteURL,
                let scheme = next.scheme?.lowercased(), scheme == "https" || scheme == base.scheme?.lowercased()
            else {
                throw HTTPFault(
                    .badURL, call: call.shown, reason: "it redirects to something else than a web address",
                    mayHaveSent: true)
            }
            // What lets in here is no other host's business.
            if next.host() != base.host() || next.port != base.port {
                for name in ["Authorization", "xi-api-key", "Cookie"] { call.headers.remove(name: name) }
            }
            call.url = next.absoluteString
        }
    }

    private func exchange(_ call: HTTPCall, into path: String?, _ pulse: Pulse) async throws -> HTTPReply {
        var request = HTTPClientRequest(url: call.url)
        request.method = call.method
        request.headers = call.headers
        if !request.headers.contains(name: "User-Agent") { request.headers.add(name: "User-Agent", value: agent) }
        switch call.body {
        case .none: break
        case .bytes(let bytes): request.body = .bytes(ByteBuffer(bytes: bytes))
        case .file(let path, let range):
            let source: FileSource
            do { source = try FileSource(path: path, range: range) } catch {
                throw HTTPFault(.file, call: call.shown, reason: "\(error)", mayHaveSent: false)
            }
            let (count, idle, head, sent) = (Int64(range.count), call.idleTimeout, call.headTimeout, call.sent)
            let pieces = FilePieces(source: source) { bytes in
                let all = pulse.beat(sent: bytes, patience: idle)
                if all == count { _ = pulse.beat(patience: head) }
                sent?(all)
            }
            request.body = .stream(pieces, length: .known(count))
        }
        let response: HTTPClientResponse
        do {
            // The pulse ends what takes too long; this is only the client's own last resort.
            response = try await client.execute(request, timeout: .milliseconds(call.timeout.milliseconds + 5_000))
        } catch {
            throw try fault(error, call)
        }
        _ = pulse.beat(patience: call.idleTimeout)
        let status = Int(response.status.code)
        let isFile = path != nil && (200..<300).contains(status)
        if let length = response.headers.first(name: "Content-Length").flatMap({ Int($0) }), length > call.answerLimit,
            call.method != .HEAD
        {
            throw tooLarge(call)
        }
        var body: [UInt8] = []
        var count = 0
        do {
            let sink = isFile ? try path.map { try FileSink(path: $0) } : nil
            for try await piece in response.body {
                _ = pulse.beat(patience: call.idleTimeout)
                count += piece.readableBytes
                guard count <= call.answerLimit else { throw tooLarge(call) }
                if let sink { try await sink.write(piece) } else { body += piece.readableBytesView }
            }
        } catch {
            throw try fault(error, call, answered: true)
        }
        return HTTPReply(status: status, headers: response.headers, body: body, url: call.url)
    }

    private func tooLarge(_ call: HTTPCall) -> HTTPFault {
        HTTPFault(
            .tooLarge, call: call.shown, reason: "the answer is larger than \(call.answerLimit) bytes",
            mayHaveSent: true)
    }

    /// What an error of the client means. Only what fails before there is a connection has certainly sent nothing.
    private func fault(_ error: any Error, _ call: HTTPCall, answered: Bool = false) throws -> HTTPFault {
        if let fault = error as? HTTPFault { return fault }
        if let trouble = error as? FileTrouble {
            return HTTPFault(.file, call: call.shown, reason: "\(trouble)", mayHaveSent: true)
        }
        try Task.checkCancellation()
        if error is CancellationError { throw error }
        let unreachable: [HTTPClientError] = [
            .connectTimeout, .tlsHandshakeTimeout, .socksHandshakeTimeout, .httpProxyHandshakeTimeout,
            .getConnectionFromPoolTimeout, .invalidProxyResponse, .proxyAuthenticationRequired,
        ]
        let bad: [HTTPClientError] = [.invalidURL, .emptyHost, .emptyScheme, .missingSocketPath]
        switch error {
        case let error as HTTPClientError where unreachable.contains(error) && !answered:
            return HTTPFault(.unreachable, call: call.shown, reason: "no connection: \(error)", mayHaveSent: false)
        case let error as HTTPClientError where bad.contains(error):
            return HTTPFault(.badURL, call: call.shown, reason: "\(error)", mayHaveSent: false)
        case let error as HTTPClientError where error == .deadlineExceeded:
            return HTTPFault(
                .timedOut, call: call.shown, reason: "it was not done within \(call.timeout)", mayHaveSent: true)
        // Refused or without a way there, as only connecting can be.
        case let error as IOError where [ECONNREFUSED, ENETUNREACH, EHOSTUNREACH].contains(error.errnoCode):
            return HTTPFault(.unreachable, call: call.shown, reason: "no connection: \(error)", mayHaveSent: false)
        case is NIOConnectionError, is SocketAddressError:
            return HTTPFault(.unreachable, call: call.shown, reason: "no connection: \(error)", mayHaveSent: false)
        case let error as NIOSSLError:
            switch error {
            case .handshakeFailed, .noCertificateToValidate, .unableToValidateCertificate:
                return HTTPFault(
                    .unreachable, call: call.shown, reason: "no trusted connection: \(error)", mayHaveSent: false)
            default: return HTTPFault(.broken, call: call.shown, reason: "\(error)", mayHaveSent: true)
            }
        default:
            return HTTPFault(.broken, call: call.shown, reason: "the connection broke: \(error)", mayHaveSent: true)
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    fileprivate var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }
}
