/// Why a private server could not be started or used, in words that say what to do.
package struct ServerError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
