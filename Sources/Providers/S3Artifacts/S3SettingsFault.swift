/// Settings with which no bucket can be asked.
package struct S3SettingsFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// As in the configuration, below `artifacts.s3`.
    package let key: String
    package let reason: String

    package var description: String { "artifacts.s3.\(key) \(reason)" }
}
