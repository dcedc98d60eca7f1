/// Keeps what is finished of a render, so that one that was interrupted goes on instead of starting over.
public protocol SegmentStore: Sendable {
    /// The path of the piece that was kept under `key`, or nil. The file is not changed, and stays until the render is over.
    func find(_ key: String) async throws -> String?

    /// Keeps the file, which may be moved away for it, and answers where it lies now. Where this throws, the file is where it
    /// was, and the render goes on with it.
    func keep(_ file: String, as key: String) async throws -> String
}
