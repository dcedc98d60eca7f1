import Crypto
import FoundationEssentials
import Production

/// A value under a key of its own, which in turn is under a master key; both by AES-256-GCM, and both bound to the place
/// where the envelope stands.
///
/// A key for each sealing, and not the master key itself: a new master key then re-wraps 32 bytes and never sees the value,
/// and no two values ever share a key, so that a repeated nonce can't betray either.
///
/// Its bytes: the version, 1; the master key's id, 8; the wrapped key, 60 (nonce 12, key 32, tag 16); the value (nonce 12,
/// as many bytes as it has, tag 16).
struct Envelope {
    let master: MasterKey.ID
    private let wrapped: AES.GCM.SealedBox
    private let value: AES.GCM.SealedBox

    private static let version: UInt8 = 1
    private static let wrappedLength = 60

    var bytes: [UInt8] {
        // Neither can be nil: their nonces have the usual twelve bytes.
        [Self.version] + master.bytes + Array(wrapped.combined ?? .init()) + Array(value.combined ?? .init())
    }

    /// - Throws: `SecretsError(.refused)` if these are no envelope's bytes.
    init(_ bytes: [UInt8], at place: SealedPlace) throws(SecretsError) {
        guard bytes.first == Self.version else {
            throw SecretsError(
                .refused, "\(place) is no envelope that this version knows. A newer version may have written it.")
        }
        let head = 1 + MasterKey.ID.length
        guard bytes.count >= head + Self.wrappedLength + 28 else {
            throw SecretsError(.refused, "\(place) is cut off.")
        }
        master = MasterKey.ID(bytes: Array(bytes[1..<head]))
        do {
            wrapped = try AES.GCM.SealedBox(combined: bytes[head..<(head + Self.wrappedLength)])
            value = try AES.GCM.SealedBox(combined: bytes[(head + Self.wrappedLength)...])
        } catch {
            throw SecretsError(.refused, "\(place) is no envelope: \(error)")
        }
    }

    /// Seals a value.
    init(sealing text: [UInt8], for place: SealedPlace, by master: MasterKey) throws {
        let key = SymmetricKey(size: .bits256)
        value = try AES.GCM.seal(text, using: key, authenticating: Self.binding("value", place))
        wrapped = try Self.wrap(key, for: place, by: master)
        self.master = master.id
    }

    private init(_ value: AES.GCM.SealedBox, _ wrapped: AES.GCM.SealedBox, _ master: MasterKey.ID) {
        (self.value, self.wrapped, self.master) = (value, wrapped, master)
    }

    func open(at place: SealedPlace, by master: MasterKey) throws(SecretsError) -> [UInt8] {
        let key = try key(at: place, by: master)
        do {
            return Array(try AES.GCM.open(value, using: key, authenticating: Self.binding("value", place)))
        } catch {
            throw Self.refusal(place)
        }
    }

    /// The same value, its key under another master key.
    func rewrapped(at place: SealedPlace, from old: MasterKey, by new: MasterKey) throws -> Envelope {
        Envelope(value, try Self.wrap(key(at: place, by: old), for: place, by: new), new.id)
    }

    private func key(at place: SealedPlace, by master: MasterKey) throws(SecretsError) -> SymmetricKey {
        do {
            let bytes = try AES.GCM.open(
                wrapped, using: master.key, authenticating: Self.binding("key", place, master.id))
            return SymmetricKey(data: bytes)
        } catch {
            throw Self.refusal(place)
        }
    }

    private static func wrap(
        _ key: SymmetricKey, for place: SealedPlace, by master: MasterKey
    ) throws -> AES.GCM.SealedBox {
        let bytes = key.withUnsafeBytes { Array($0) }
        return try AES.GCM.seal(bytes, using: master.key, authenticating: binding("key", place, master.id))
    }

    private static func refusal(_ place: SealedPlace) -> SecretsError {
        SecretsError(
            .refused,
            "\(place) does not open: it was changed, or copied here from another row. Connect the account again.")
    }

    /// What both sides must agree on besides the key. Lengths, so that no two places run together into the same bytes.
    private static func binding(_ role: String, _ place: SealedPlace, _ master: MasterKey.ID? = nil) -> [UInt8] {
        var bytes: [UInt8] = [version]
        for part in [
            Array("ytempire \(role)".utf8), Array(place.table.utf8), Array(place.column.utf8),
            Array("\(place.row)".utf8),
            master?.bytes ?? [],
        ] {
            withUnsafeBytes(of: UInt32(part.count).littleEndian) { bytes += $0 }
            bytes += part
        }
        return bytes
    }
}
