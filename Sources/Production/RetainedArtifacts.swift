package import FoundationEssentials

/// An artifact store from which retention takes what is not needed any more.
package protocol RetainedArtifacts: ArtifactStore {
    /// Deletes the artifact. Answers whether there was one.
    @discardableResult
    func remove(_ artifact: Artifact.ID) async throws -> Bool

    /// Deletes what killed processes left half kept before `moment`, which must lie further back than keeping a file can
    /// take. Answers how many there were.
    @discardableResult
    func removeAbandoned(before moment: Date) async throws -> Int
}

/// Whoever can tell which store this host sees: hosts that are told the same name share it.
package protocol MarkedArtifacts: Sendable {
    /// A path, or `s3://BUCKET/PREFIX`.
    var place: String { get }

    /// The store's name. Whoever comes first writes it.
    ///
    /// - Parameter making: whether to write one if there is none.
    /// - Returns: nil if there is none.
    func mark(making: Bool) async throws -> UUID?
}
