import Blocking
package import FoundationEssentials

/// A folder for what a process makes on the way: one for a worker, in it one for each attempt. Its calls block on disks,
/// so they have a thread of their own. It is made when something is first put into it: many a stage needs none.
package actor Scratch {
    package nonisolated let folder: URL
    private var isMade = false
    private let executor = BlockingExecutor(label: "scratch")

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package init(_ folder: URL) { self.folder = folder }

    /// The path of a file in the folder, there or not. The folder is.
    package func file(_ name: String) throws -> URL {
        if !isMade { try makeEmpty() }
        return folder.appending(path: name)
    }

    /// The folder, which is there from now on.
    package func made() throws -> URL {
        if !isMade { try makeEmpty() }
        return folder
    }

    /// Another name beside a file's own, for the same bytes: for whoever moves away what it is given.
    package func secondName(of file: URL) throws -> URL {
        let name = file.appendingPathExtension("kept")
        try? FileManager.default.removeItem(at: name)
        try FileManager.default.linkItem(at: file, to: name)
        return name
    }

    /// A folder below, not made yet.
    nonisolated func folder(_ name: String) -> Scratch {
        Scratch(folder.appending(path: name, directoryHint: .isDirectory))
    }

    /// Makes the folder, or empties the one that a process which died has left.
    func makeEmpty() throws {
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        isMade = true
    }

    /// Removes the folder with all that is in it. What can't be removed is left to the next process of that name.
    func remove() {
        guard isMade else { return }
        try? FileManager.default.removeItem(at: folder)
        isMade = false
    }

    /// Removes the folders below that belong to nobody alive.
    func removeAll(but living: Set<String>) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? []
        for name in names where !living.contains(name) {
            try? FileManager.default.removeItem(at: folder.appending(path: name))
        }
    }

    package func write(_ bytes: Data, to name: String) throws -> URL {
        let file = try file(name)
        try bytes.write(to: file)
        return file
    }

    /// Writes a value as JSON: the same value, the same bytes.
    package func write(_ value: some Encodable & Sendable, to name: String) throws -> URL {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try write(encoder.encode(value), to: name)
    }

    /// Reads a JSON file, of this folder or any other.
    package func value<Value: Decodable & Sendable>(_: Value.Type, from file: URL) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(contentsOf: file))
    }
}
