package import Foundation
package import Production

/// An account book in memory, for one process: the same contract as the ledger's.
package actor MemoryAccounts: AccountBook {
    private struct Entry {
        var account: PublishingAccount
        var channels: Set<Channel.ID>
        var refreshToken: Secret
        var access: AccessToken?
        var uses = 0
    }

    private let now: @Sendable () -> Date
    private var entries: [PublishingAccount.ID: Entry] = [:]
    private var refreshing: [PublishingAccount.ID: Task<AccessToken, any Error>] = [:]

    package init(now: @escaping @Sendable () -> Date = { Date() }) { self.now = now }

    package func connect(
        _ id: Int64, name: String, remoteChannel: String = "UC", for channels: Set<Channel.ID>, refreshToken: Secret,
        usedToday: Int = 0
    ) {
        let account = PublishingAccount(id: .init(id), name: name, remoteChannel: remoteChannel, usedToday: usedToday)
        entries[.init(id)] = Entry(account: account, channels: channels, refreshToken: refreshToken)
    }

    package func accounts(for channel: Channel.ID) -> [PublishingAccount] {
        entries.values.filter { $0.channels.contains(channel) }.map { current($0.account) }
            .sorted { ($0.usedToday, $0.id) < ($1.usedToday, $1.id) }
    }

    private func current(_ account: PublishingAccount) -> PublishingAccount {
        guard let until = account.parked?.until, until <= now() else { return account }
        var account = account
        account.parked = nil
        return account
    }

    package func accessToken(
        of id: PublishingAccount.ID, rejecting rejected: Secret?,
        refresh: @escaping @Sendable (_ refreshToken: Secret) async throws -> (AccessToken, newRefreshToken: Secret?)
    ) async throws -> AccessToken {
        while let running = refreshing[id] { _ = try? await running.value }
        guard let entry = entries[id] else {
            throw StageFailure(.permanent, provider: "youtube", asked: "find account \(id)", answer: "there is none")
        }
        if let access = entry.access, access.token != rejected, access.expires > now().addingTimeInterval(60) {
            return access
        }
        // Waited for at once; it is a task so that others can wait for it too.
        let task = Task {
            // Before it ends: whoever waits for it looks again at once.
            defer { self.refreshing[id] = nil }
            let (access, new) = try await refresh(entry.refreshToken)
            self.keep(access, new, of: id)
            return access
        }
        refreshing[id] = task
        return try await task.value
    }

    private func keep(_ access: AccessToken, _ new: Secret?, of id: PublishingAccount.ID) {
        entries[id]?.access = access
        if let new { entries[id]?.refreshToken = new }
    }

    package func park(_ account: PublishingAccount.ID, until: Date?, because reason: String) {
        entries[account]?.account.parked = PublishingAccount.Parking(until: until, reason: reason)
    }
}
