import Crypto
package import Production

/// The fleet's keys: the first one encrypts, all of them decrypt.
package struct KeyRing: Sealing {
    package let keys: [MasterKey]
    private let first: MasterKey

    /// Nil without a key.
    package init?(_ keys: [MasterKey]) {
        guard let first = keys.first else { return nil }
        (self.keys, self.first) = (keys, first)
    }

    package func seal(_ secret: Secret, for place: SealedPlace) throws -> [UInt8] {
        try Envelope(sealing: Array(secret.value.utf8), for: place, by: first).bytes
    }

    /// - Throws: `SecretsError`
    package func open(_ sealed: [UInt8], at place: SealedPlace) throws -> Secret {
        let envelope = try Envelope(sealed, at: place)
        return Secret(
            String(decoding: try envelope.open(at: place, by: key(envelope.master, for: place)), as: UTF8.self))
    }

    package func resealed(_ sealed: [UInt8], at place: SealedPlace) throws -> [UInt8]? {
        let envelope = try Envelope(sealed, at: place)
        guard envelope.master != first.id else { return nil }
        return try envelope.rewrapped(at: place, from: key(envelope.master, for: place), by: first).bytes
    }

    private func key(_ id: MasterKey.ID, for place: SealedPlace) throws(SecretsError) -> MasterKey {
        guard let key = keys.first(where: { $0.id == id }) else {
            throw SecretsError(
                .unknownKey,
                "\(place) was sealed by key \(id), and here are \(keys.map { "\($0.id)" }.joined(separator: ", ")). "
                    + "Where that key was added since, restart this program; where it was lost, connect the account again."
            )
        }
        return key
    }
}
