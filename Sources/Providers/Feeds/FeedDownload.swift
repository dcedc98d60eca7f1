import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// Downloads one document over http(s). Every host, the redirects' too, is resolved here and checked, and the connection
/// goes to the very address that was checked, so that a name whose address changes in between gains nothing.
struct FeedDownload: Sendable {
    struct Answer: Sendable {
        var bytes: [UInt8]
        /// Lower-case, with parameters; nil if the server gave none.
        var contentType: String?
        /// Where the redirects ended.
        var url: URL
    }

    let limits: FeedReader.Limits
    let policy: AddressPolicy

    func fetch(_ url: URL) async throws -> Answer {
        let source = SourceAddress.shown(url)
        return try await withThrowingTaskGroup(of: Answer.self) { group in
            group.addTask { try await follow(url, source: source) }
            group.addTask {
                try await Task.sleep(for: .seconds(limits.seconds))
                throw FeedError(.timedOut(limits.seconds), source: source)
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    private enum Hop {
        case answer(Answer)
        case redirect(URL)
    }

    private func follow(_ start: URL, source: String) async throws -> Answer {
        var url = start
        for _ in 0...limits.redirects {
            switch try await hop(to: url, source: source) {
            case .answer(let answer): return answer
            case .redirect(let next): url = next
            }
        }
        throw FeedError(.tooManyRedirects(limits.redirects), source: source)
    }

    private func hop(to url: URL, source: String) async throws -> Hop {
        let host = bareHost(of: url)
        let addresses: [HostAddress]
        do { addresses = try await HostResolver.addresses(of: host) } catch let failure as HostResolver.Failure {
            throw FeedError(.unreachable(failure.description), source: source)
        }
        if let refused = policy.refused(among: addresses, of: host) {
            throw FeedError(.privateAddress(host: host, address: refused.description), source: source)
        }
        // A host may have an address that can't be reached from here (IPv6 without a route): the next one may do.
        var failure: (any Error)?
        for address in addresses.prefix(3) {
            do { return try await request(url, at: address, source: source) } catch let error as HTTPClientError {
                failure = error
            } catch let error as IOError {
                failure = error
            } catch let error as ChannelError {
                failure = error
            }
        }
        try Task.checkCancellation()
        throw FeedError(.unreachable(failure.map { "\(host): \($0)" } ?? host), source: source)
    }

    private func bareHost(of url: URL) -> String {
        let host = url.host() ?? ""
        return host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    }

    private func request(_ url: URL, at address: HostAddress, source: String) async throws -> Hop {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        let host = bareHost(of: url)
        // The client looks IPv6 hosts up with their brackets.
        configuration.dnsOverride = [host: address.description, "[\(host)]": address.description]
        configuration.timeout.connect = .seconds(min(10, Int64(limits.seconds)))
        configuration.httpVersion = .http1Only
        let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        do {
            let hop = try await exchange(url, with: client, source: source)
            try await client.shutdown()
            return hop
        } catch {
            try? await client.shutdown()
            try Task.checkCancellation()
            throw (error is FeedError || error is HTTPClientError || error is IOError || error is ChannelError)
                ? error : FeedError(.unreachable("\(host): \(error)"), source: source)
        }
    }

    private func exchange(_ url: URL, with client: HTTPClient, source: String) async throws -> Hop {
        var request = HTTPClientRequest(url: url.absoluteString)
        request.headers = [
            "User-Agent": "ytempire (feed reader)", "Accept-Encoding": "identity", "Connection": "close",
            "Accept":
                "application/rss+xml, application/atom+xml, application/xml, text/xml, text/markdown, text/plain, */*;q=0.1",
        ]
        let response = try await client.execute(request, timeout: .seconds(Int64(limits.seconds)))
        let status = Int(response.status.code)
        if [301, 302, 303, 307, 308].contains(status), let location = response.headers.first(name: "Location") {
            return .redirect(try target(of: location, from: url, source: source))
        }
        guard (200..<300).contains(status) else {
            let retryAfter = response.headers.first(name: "Retry-After").flatMap { Int($0.trimmingWhitespace()) }
            throw FeedError(.status(status, retryAfter: retryAfter.map { min(max($0, 0), 86_400) }), source: source)
        }
        if let encoding = response.headers.first(name: "Content-Encoding"), encoding.lowercased() != "identity" {
            throw FeedError(.contentEncoding(String(encoding.prefix(40))), source: source)
        }
        if let length = response.headers.first(name: "Content-Length").flatMap({ Int($0) }), length > limits.bytes {
            throw FeedError(.tooLarge(limits.bytes), source: source)
        }
        var bytes: [UInt8] = []
        for try await chunk in response.body {
            guard bytes.count + chunk.readableBytes <= limits.bytes else {
                throw FeedError(.tooLarge(limits.bytes), source: source)
            }
            bytes += chunk.readableBytesView
        }
        let type = response.headers.first(name: "Content-Type")?.lowercased()
        return .answer(Answer(bytes: bytes, contentType: type, url: url))
    }

    private func target(of location: String, from url: URL, source: String) throws(FeedError) -> URL {
        guard let next = URL(string: location, relativeTo: url)?.absoluteURL, let host = next.host(), !host.isEmpty,
            let scheme = next.scheme?.lowercased(), scheme == "http" || scheme == "https"
        else { throw FeedError(.redirect(to: String(SourceAddress.shown(location).prefix(200))), source: source) }
        return next
    }
}
