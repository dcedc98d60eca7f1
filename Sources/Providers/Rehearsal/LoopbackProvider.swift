import FoundationEssentials
import NIOCore
import NIOPosix
import Production

/// A provider of a test's own, on a loopback port, which counts what it is asked: a line with the request's id goes
/// there, a line with the price in micro-dollars comes back. It bills every line it reads.
struct LoopbackProvider: Sendable {
    let host: String
    let port: Int

    /// - Parameter address: `HOST:PORT`
    init?(_ address: String) {
        let parts = address.split(separator: ":")
        guard parts.count == 2, let port = Int(parts[1]) else { return nil }
        (host, self.port) = (String(parts[0]), port)
    }

    /// - Throws: `NotBilled` if nobody listens; anything else leaves the bill in doubt.
    func call(_ id: UUID) async throws -> PaidAnswer {
        let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do {
            channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            throw NotBilled(failure("nobody listens at \(host):\(port): \(error)"))
        }
        let line = try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: "\(id)\n"))
            var answer = ""
            for try await piece in inbound {
                answer += String(buffer: piece)
                if answer.hasSuffix("\n") { break }
            }
            return answer.dropLast()
        }
        guard let micros = Int64(line), let price = Price(micros: micros, perUnits: 1),
            let cost = CostEntry(
                id: UUID(), provider: RehearsedWork.provider, item: "call", quantity: 1, unit: "call", price: price)
        else { throw failure("the answer \"\(line)\" is no price") }
        return PaidAnswer(body: Array("answer to \(id)".utf8), costs: [cost])
    }

    private func failure(_ answer: String) -> StageFailure {
        StageFailure(.transient(), provider: RehearsedWork.provider, asked: "call the provider", answer: answer)
    }
}
