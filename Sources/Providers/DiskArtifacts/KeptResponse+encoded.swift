import Crypto
import FoundationEssentials
package import Production

extension KeptResponse {
    /// As it is kept: one line of JSON (reservation, costs, length and SHA-256 of the body), then the body's bytes.
    package func encoded() throws -> [UInt8] {
        let head = Head(
            reservation: reservation, costs: costs, bytes: body.count, sha256: SHA256.hash(data: body).hexadecimal)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return Array(try encoder.encode(head)) + [Self.newline] + body
    }

    /// Nil where the bytes are damaged.
    package init?(encoded bytes: [UInt8]) {
        guard let end = bytes.firstIndex(of: Self.newline),
            let head = try? JSONDecoder().decode(Head.self, from: Data(bytes[..<end]))
        else { return nil }
        let body = Array(bytes[(end + 1)...])
        guard body.count == head.bytes, SHA256.hash(data: body).hexadecimal == head.sha256 else { return nil }
        self.init(reservation: head.reservation, costs: head.costs, body: body)
    }

    private static var newline: UInt8 { 0x0A }

    private struct Head: Codable {
        let reservation: UUID
        let costs: [CostEntry]
        let bytes: Int
        let sha256: String
    }
}
