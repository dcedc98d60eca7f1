/// Why an artifact can't be had from the store.
package struct ArtifactFault: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// No file bears the artifact's name.
        case missing
        /// The file's bytes are not those it is named by.
        case corrupt(expected: Artifact.ID, found: Artifact.ID)
        /// A file that was to be kept changed while it was read.
        case changed
    }

    package let code: Code
    package let path: String

    package init(_ code: Code, path: String) { (self.code, self.path) = (code, path) }

    package var description: String {
        switch code {
        case .missing:
            """
            no artifact at \(path): it was removed, or never reached this store; \
            the stage that made it has to be run again
            """
        case .corrupt(let expected, let found):
            """
            the artifact at \(path) is damaged: its bytes should hash to \(expected) but hash to \(found); it is not \
            used and stays for a look at the disk, until the stage that made it is run again and puts it right
            """
        case .changed:
            "\(path) changed while it was taken into the store; nothing was kept, and keeping it may be tried again"
        }
    }
}
