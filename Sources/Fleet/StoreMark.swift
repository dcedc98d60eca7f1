import Blocking
package import FoundationEssentials
import Production

/// A file in the store of artifacts that names the store: hosts which read the same name share it. Whoever comes first
/// writes it. Its calls block on disks, so they have a thread of their own.
package actor StoreMark: MarkedArtifacts {
    package nonisolated let place: String
    private let root: URL
    private let executor = BlockingExecutor(label: "store mark")

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package init(root: String) { (place, self.root) = (root, URL(filePath: root)) }

    package func mark(making: Bool) throws -> UUID? {
        making || FileManager.default.fileExists(atPath: place) ? try read(making: making) : nil
    }

    /// The store's name.
    ///
    /// - Parameter making: makes the folder if there is none. Only for whoever will also keep artifacts in it: a folder
    ///   that another user has made would keep the workers out.
    /// - Throws: what the disk says; a `CocoaError` if the file is not ours.
    package func read(making: Bool) throws -> UUID {
        let file = root.appending(path: ".store")
        if making { try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true) }
        if !FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) {
            // Whole before it has its name; of two that come at once, one's link is refused, and both read the same.
            let draft = root.appending(path: ".store-\(UUID().uuidString)")
            try Data(UUID().uuidString.utf8).write(to: draft)
            defer { try? FileManager.default.removeItem(at: draft) }
            try? FileManager.default.linkItem(at: draft, to: file)
        }
        let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        guard let store = UUID(uuidString: String(text.prefix(36))) else {
            throw CocoaError(.fileReadCorruptFile)
        }
        return store
    }
}
