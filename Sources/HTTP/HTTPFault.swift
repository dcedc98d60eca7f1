/// Why a call got no answer. An answer with an error's status is no fault.
package struct HTTPFault: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// No connection: the name, the address, TLS, the proxy.
        case unreachable
        /// The connection broke, or the other side broke HTTP's rules.
        case broken
        case timedOut
        /// The answer is larger than the call allows.
        case tooLarge
        case tooManyRedirects
        /// The URL can't be asked.
        case badURL
        /// What was to be sent, or where the answer was to go, failed on our side.
        case file
    }

    package let code: Code
    /// `HTTPCall.shown`
    package let call: String
    package let reason: String
    /// Whether a byte of the request may have reached the other side. Only where this is false did certainly nothing happen
    /// there.
    package let mayHaveSent: Bool

    package init(_ code: Code, call: String, reason: String, mayHaveSent: Bool) {
        (self.code, self.call, self.reason, self.mayHaveSent) = (code, call, reason, mayHaveSent)
    }

    package var description: String { "\(call): \(reason)" }
}
