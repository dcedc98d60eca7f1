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
