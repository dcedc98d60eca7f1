package import FoundationEssentials
package import Production

/// An upload session as its row has it. The ledger has no keys: whoever publishes seals the address, and opens it.
package struct KeptSession: Sendable, Equatable {
    /// `sealed:` and an envelope in Base64. Without it, from a release that sealed none: the address itself. (A worker of such
    /// a release can make nothing of an envelope, sends nothing and fails for good: better than a second upload.)
    let address: String
    package let account: PublishingAccount.ID
    /// Of the whole file.
    package let bytes: Int64
    package let openedAt: Date

    package init(_ session: UploadSession, of job: Job.ID, sealing: any Sealing) throws {
        address = Self.text(try sealing.seal(session.address, for: .session(of: job)))
        (account, bytes, openedAt) = (session.account, session.bytes, session.openedAt)
    }

    init(address: String, account: PublishingAccount.ID, bytes: Int64, openedAt: Date) {
        (self.address, self.account, self.bytes, self.openedAt) = (address, account, bytes, openedAt)
    }

    /// Whether the row tells the address to whoever reads it.
    package var isPlain: Bool { !address.hasPrefix(Self.mark) }

    package func opened(of job: Job.ID, by sealing: any Sealing) throws -> UploadSession {
        let address = isPlain ? Secret(address) : try sealing.open(envelope(job), at: .session(of: job))
        return UploadSession(address: address, account: account, bytes: bytes, openedAt: openedAt)
    }

    /// The address under the key that encrypts now; nil if it is so already.
    func resealedAddress(of job: Job.ID, by sealing: any Sealing) throws -> String? {
        let place = SealedPlace.session(of: job)
        if isPlain { return Self.text(try sealing.seal(Secret(address), for: place)) }
        return try sealing.resealed(envelope(job), at: place).map(Self.text)
    }

    private func envelope(_ job: Job.ID) throws -> [UInt8] {
        guard let bytes = Data(base64Encoded: String(address.dropFirst(Self.mark.count))) else {
            throw LedgerError(.refused, "The upload address of job \(job) is no envelope.")
        }
        return Array(bytes)
    }

    private static func text(_ envelope: [UInt8]) -> String { mark + Data(envelope).base64EncodedString() }

    private static let mark = "sealed:"
}

extension SealedPlace {
    static func session(of job: Job.ID) -> SealedPlace {
        SealedPlace(table: "publications", column: "session_address", row: job.rawValue)
    }
}
