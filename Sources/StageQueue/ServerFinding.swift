/// Something about the server that the queue's promises depend on.
public struct ServerFinding: Sendable, Hashable {
    public enum Severity: Sendable { case advice, required }
    public let severity: Severity
    /// What was found, why it matters and what to set.
    public let message: String
}
