import Crypto
import FoundationEssentials

/// A key of the fleet: 256 bits that wrap the keys of values. It shows itself to nobody.
package struct MasterKey: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// Made of the key itself, so that it can't be given to the wrong one: the beginning of a digest.
    package struct ID: Sendable, Hashable, CustomStringConvertible {
        static let length = 8
        let bytes: [UInt8]

        package var description: String {
            bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
    }

    package let id: ID
    let key: SymmetricKey

    /// A new one, from the system's random numbers.
    package init() { self.init(SymmetricKey(size: .bits256)) }

    /// - Parameter line: as `line` writes it; nil if it is none.
    package init?(line: some StringProtocol) {
        guard line.hasPrefix(Self.prefix), let bytes = Data(base64Encoded: String(line.dropFirst(Self.prefix.count))),
            bytes.count == SymmetricKeySize.bits256.bitCount / 8
        else { return nil }
        self.init(SymmetricKey(data: bytes))
    }

    private init(_ key: SymmetricKey) {
        self.key = key
        var digest = SHA256()
        digest.update(data: Array("ytempire key id".utf8))
        key.withUnsafeBytes { digest.update(bufferPointer: $0) }
        id = ID(bytes: Array(digest.finalize().prefix(ID.length)))
    }

    /// As it stands in a key file. The prefix lets scanners find a key that was committed by mistake.
    package var line: String { Self.prefix + key.withUnsafeBytes { Data($0).base64EncodedString() } }

    package var description: String { "key \(id)" }
    package var customMirror: Mirror { Mirror(self, children: []) }

    private static let prefix = "ytempire-key-1:"
}
