/// An entry in a ready stream that was not a delivery of that stage.
public struct Anomaly: Sendable, Hashable {
    public enum Reason: String, Sendable {
        /// Not exactly the one field that a delivery has.
        case fields
        /// The field has neither of the lengths that this version has.
        case length
        /// A delivery of a known stage, in another stage's stream.
        case stage
        /// The job's live delivery of this stage is another, existing one.
        case duplicate
    }

    public let stream: String
    /// As Redis gave it.
    public let entry: String
    public let reason: Reason
    /// What the entry held, cut after 64 bytes.
    public let content: [UInt8]
}
