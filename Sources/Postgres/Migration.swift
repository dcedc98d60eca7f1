/// One numbered step of a database's schema. Once released it is never edited: a correction is a new step.
public struct Migration: Sendable, Hashable {
    /// The number in the name; 0 when the name has none, which `Migrator` refuses.
    public let version: Int
    /// For example `v0001_jobs`: a `v`, the number, an underscore and what it does.
    public let name: String
    /// Any number of statements. They run in one transaction, so none may be one that can't (CREATE DATABASE, VACUUM).
    public let sql: String

    /// - Parameter source: the script, UTF-8, as a resource embedded in the binary gives it.
    public init(name: String, source: [UInt8]) {
        let digits = name.dropFirst().prefix { $0 != "_" }
        version = name.hasPrefix("v") && name.contains("_") ? Int(digits) ?? 0 : 0
        self.name = name
        sql = String(decoding: source, as: UTF8.self)
    }
}
