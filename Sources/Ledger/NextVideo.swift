package import FoundationEssentials

/// When and where a user's next daily video comes.
package struct NextVideo: Sendable, Codable {
    package let channel: String
    /// `YYYY-MM-DD HH:MM` in `zone`
    package let localTime: String
    package let zone: String
    package let instant: Date
}
