import Crypto
package import FoundationEssentials
import Ledger
package import Production

/// Files of stock items among the artifacts: any job finds them, and this one keeps them until it is finished.
package struct JobStockFiles: StockFiles {
    private let task: StageTask

    package init(task: StageTask) { self.task = task }

    package func find(_ item: StockItem) async throws -> (artifact: Artifact.ID, file: URL)? {
        guard let artifact = try await task.ledger.stockFile(of: item) else { return nil }
        try await hold(artifact, item)
        do {
            return (artifact.id, try await task.artifacts.file(of: artifact.id))
        } catch is ArtifactFault {
            // It was lost: it is downloaded again.
            try await task.ledger.forgetStockFile(of: item)
            return nil
        }
    }

    package func kept(of items: [StockItem]) async throws -> Set<StockItem.Name> {
        try await task.ledger.stockFiles(of: items)
    }

    package func keep(_ file: URL, for item: StockItem) async throws -> (artifact: Artifact.ID, file: URL) {
        let artifact = try await task.keep(file)
        try await task.ledger.keepStockFile(artifact, of: item)
        try await hold(artifact, item)
        return (artifact.id, try await task.artifacts.file(of: artifact.id))
    }

    private func hold(_ artifact: Artifact, _ item: StockItem) async throws {
        try await task.ledger.claim([artifact])
        let name = "stock \(item.name) \(item.width)x\(item.height)"
        let key = SHA256.hash(data: Data(name.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        try await task.ledger.keepPiece(artifact, of: task.assignment.job, as: key)
    }
}
