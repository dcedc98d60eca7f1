import Dispatch
import Glibc
import Synchronization

/// Looks up a host's addresses, in the order the system prefers.
enum HostResolver {
    struct Failure: Error, CustomStringConvertible { let description: String }

    /// The lookup itself can't be interrupted; on cancellation it is left to end by itself, unheard.
    static func addresses(of host: String) async throws -> [HostAddress] {
        let answer = OneAnswer()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                answer.expect(continuation)
                DispatchQueue.global().async { answer.give(Result { try look(up: host) }) }
            }
        } onCancel: {
            answer.give(.failure(CancellationError()))
        }
    }

    /// Resumes its continuation with the first answer and drops the others.
    private final class OneAnswer: Sendable {
        private enum State {
            case idle, answered
            case early(Result<[HostAddress], any Error>)
            case waiting(CheckedContinuation<[HostAddress], any Error>)
        }
        private let state = Mutex(State.idle)

        func expect(_ continuation: CheckedContinuation<[HostAddress], any Error>) {
            let early: Result<[HostAddress], any Error>? = state.withLock { state in
                if case .early(let result) = state {
                    state = .answered
                    return result
                }
                state = .waiting(continuation)
                return nil
            }
            if let early { continuation.resume(with: early) }
        }

        func give(_ result: Result<[HostAddress], any Error>) {
            let waiting: CheckedContinuation<[HostAddress], any Error>? = state.withLock { state in
                switch state {
                case .waiting(let continuation):
                    state = .answered
                    return continuation
                case .idle: state = .early(result)
                case .early, .answered: break
                }
                return nil
            }
            waiting?.resume(with: result)
        }
    }

    private static func look(up host: String) throws -> [HostAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        guard status == 0 else { throw Failure(description: "\(host): \(String(cString: gai_strerror(status)))") }
        defer { freeaddrinfo(list) }
        var found: [HostAddress] = []
        var next = list
        while let entry = next {
            next = entry.pointee.ai_next
            guard let address = entry.pointee.ai_addr else { continue }
            switch entry.pointee.ai_family {
            case AF_INET:
                address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { four in
                    found.append(HostAddress(bytes: withUnsafeBytes(of: four.pointee.sin_addr) { Array($0) }))
                }
            case AF_INET6:
                address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { six in
                    found.append(HostAddress(bytes: withUnsafeBytes(of: six.pointee.sin6_addr) { Array($0) }))
                }
            default: continue
            }
        }
        guard !found.isEmpty else { throw Failure(description: "\(host) has no address") }
        return found
    }
}
