/// How a library wants to be asked.
package struct LibraryRules: Sendable {
    /// The most calls within `period`, which its answers don't tell.
    package var calls: Int
    package var period: Duration
    /// How long nothing is asked after it said that it was too much, where it doesn't say until when.
    package var pause: Duration
    /// Under which name the key stands in the configuration.
    package var keyName: String

    package init(calls: Int, period: Duration, pause: Duration, keyName: String) {
        (self.calls, self.period, self.pause, self.keyName) = (calls, period, pause, keyName)
    }
}
