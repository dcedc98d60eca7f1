import Failpoints
import FoundationEssentials
import Production

/// An artifact store whose writing a test may have fail.
struct FailpointArtifacts: ArtifactStore {
    let store: any ArtifactStore
    let failpoints: Failpoints

    var responses: any ResponseStore { store.responses }

    func keep(_ file: URL) async throws -> Artifact {
        try await failpoints.reach(.artifactWriteBefore)
        let artifact = try await store.keep(file)
        try await failpoints.reach(.artifactWriteAfter)
        return artifact
    }

    func file(of artifact: Artifact.ID) async throws -> URL { try await store.file(of: artifact) }
}
