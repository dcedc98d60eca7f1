/// Why a secret can't be kept or read. Never holds one.
package struct SecretsError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// There is no key file.
        case noKeys
        /// Others than its owner may read or write the key file.
        case unsafe
        /// The key file holds something else than keys.
        case malformed
        /// The value was sealed by a key that is not here.
        case unknownKey
        /// The value was changed, or was sealed for another place.
        case refused
    }

    package let code: Code
    /// What is wrong, and what mends it.
    package let message: String

    init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

    package var description: String { message }
}
