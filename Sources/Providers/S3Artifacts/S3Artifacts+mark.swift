package import FoundationEssentials
import Production

extension S3Artifacts: MarkedArtifacts {
    package nonisolated var place: String { bucket.shown(bucket.key("")) }

    /// The store's own name, by which hosts find out whether they share it. Whoever comes first writes it.
    ///
    /// - Parameter making: whether to write one if there is none.
    /// - Returns: nil if there is none.
    /// - Throws: `StageFailure`
    package func mark(making: Bool) async throws -> UUID? {
        let key = bucket.key(".store")
        let asked = "read \(bucket.shown(key))"
        for isLast in [false, true] {
            if let bytes = try await bucket.get(key, limit: 1 << 10) {
                guard let store = UUID(uuidString: String(decoding: bytes.prefix(36), as: UTF8.self)) else {
                    throw bucket.failure(.permanent, asked, "it is not ours: there is no store's name in it")
                }
                return store
            }
            guard making, !isLast else { return nil }
            try await bucket.putNew(Array(UUID().uuidString.utf8), as: key)
        }
        return nil
    }
}
