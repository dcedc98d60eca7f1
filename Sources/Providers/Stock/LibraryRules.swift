/// How a library wants to be asked.
package struct LibraryRules: Sendable {
    /// The most calls within `period`, which its answers don't tell.
    package var calls: Int
    package var period: Duration
    /// How long nothing is asked after it said that it was too much, where it doesn't say until when.
    package var pause: Duration
    /// How long an answer is kept instead of being asked for again.
    package var answersLast: Duration
    /// Under which name the key stands in the configuration.
    package var keyName: String

    /// - Parameter answersLast: a day, unless told otherwise: all three libraries ask for it, or recommend it.
    package init(
        calls: Int, period: Duration, pause: Duration, answersLast: Duration = .seconds(86_400), keyName: String
    ) {
        (self.calls, self.period, self.pause) = (calls, period, pause)
        (self.answersLast, self.keyName) = (answersLast, keyName)
    }
}
