import ArgumentParser
import Fleet
import Foundation
import HTTP
import Ledger
import Production
import ProviderCalling
import Secrets
import Telemetry
import YouTube

extension AccountCommand {
    struct Connect: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Connect an account, or connect one again: a browser asks its owner.",
            discussion: """
                An address is shown that the account's owner opens in a browser on this machine. The answer comes back to a \
                port of this machine alone: with the browser on another one, forward it over ssh first, as shown below \
                the address.

                Examples:
                  ytempire account connect main
                  ytempire account connect main --playlists --captions --user anna --channel News
                """)

        @Argument(help: "What the account is to be called here.") var account: String
        @Flag(help: "Ask too for what playlists need.") var playlists = false
        @Flag(help: "Ask too for what captions need.") var captions = false
        @Option(help: "The user for whose channel it is to publish.") var user: String?
        @Option(help: "The channel for which it is to publish.") var channel: String?
        @OptionGroup var options: CommandOptions

        func validate() throws {
            guard (user == nil) == (channel == nil) else {
                throw ValidationError("A channel is named by --user and --channel together.")
            }
            guard !account.isEmpty, account.count <= 100 else {
                throw ValidationError("An account's name has 1 to 100 characters.")
            }
        }

        func run(with services: FleetServices) async throws {
            let ledger = services.ledger
            // Whatever may be wrong here, before a person is sent to a browser.
            let google = try GoogleAccounts(services.configuration)
            let keys = KeyFile(environment: ProcessInfo.processInfo.environment, path: services.configuration.keyFile)
            _ = try open(keys)
            var target: Channel?
            if let user, let channel {
                target = try await ledger.channel(named: channel, of: ledger.user(named: user))
            }
            let scopes = GoogleScope.needed(playlists: playlists, captions: captions)
            let connected = try await google.connection.connect(scopes: scopes) { address in
                writeToStandardError(ConsentHint(address: address).text)
            }
            let report: AccountReport
            do {
                report = try await LedgerAccounts(ledger, sealing: keys).keep(
                    AccountGrant(
                        provider: YouTubeSettings.provider, name: account, client: google.client,
                        remoteChannel: connected.remoteChannel, remoteTitle: connected.title,
                        scopes: connected.scopes.sorted(), refreshToken: connected.refreshToken,
                        access: connected.access))
            } catch {
                // What can't be kept is given back.
                try? await google.connection.revoke(connected.refreshToken)
                throw error
            }
            if let target { try await ledger.assign(report.id, to: target.id) }
            try await ledger.keep(
                Operator.current().note("account connect", "\(account) (\(connected.remoteChannel))", reason: ""))
            try show(await ledger.account(named: report.name)) { account in
                let next =
                    account.channels.isEmpty
                    ? "`ytempire account assign \(account.name) USER CHANNEL` lets it publish."
                    : "It publishes for \(account.channels.joined(separator: "; "))."
                return "\(account.name) is connected to \(account.remoteTitle). \(next)\n"
            }
        }
    }

    /// What a person is told who has to say yes.
    struct ConsentHint {
        let address: String

        var text: String {
            let answer = URLComponents(string: address)?.queryItems?.first { $0.name == "redirect_uri" }?.value
            // Only the address itself may begin as one: scripts look for it.
            let tunnel = answer.flatMap { URLComponents(string: $0)?.port }.map {
                "From another machine: ssh -L \($0):127.0.0.1:\($0) THIS-HOST first.\n"
            }
            return "Open this address in a browser, as the owner of the channel:\n\n\(address)\n\n\(tunnel ?? "")"
                + "It waits \(Int(AccountConnection.patience.inSeconds) / 60) minutes for the answer.\n\n"
        }
    }

    struct Disconnect: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take back at the provider what an account has allowed, and delete its tokens here.",
            discussion: """
                Its publications keep telling of it. Jobs of channels that no other account publishes for end dead, new \
                ones before anything is paid for them: once an account is connected or assigned (`ytempire account \
                assign`), `ytempire job retry JOB` takes each up where it was.
                """)

        @Argument(help: "The account's name.") var account: String
        @Option(help: ArgumentHelp("Why; kept in the audit.", valueName: "text")) var reason = ""
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let ledger = services.ledger
            let account = try await ledger.account(named: account)
            let keys = KeyFile(environment: ProcessInfo.processInfo.environment, path: services.configuration.keyFile)
            // Deleted first: whatever happens then, nothing here can be used any more.
            let token = try await LedgerAccounts(ledger, sealing: keys).disconnect(account.id)
            try await ledger.keep(Operator.current().note("account disconnect", account.name, reason: reason))
            var trouble: String?
            if let token {
                do {
                    try await GoogleAccounts(services.configuration).connection.revoke(token)
                } catch {
                    trouble = "\(error)"
                }
            } else if account.state != .revoked {
                trouble = "the key that opens its token is not here"
            }
            try show(await ledger.account(named: account.name)) { account in
                let told = trouble == nil ? "taken back at the provider, and deleted here" : "deleted here"
                return "\(account.name) is disconnected: its tokens are \(told).\n"
            }
            guard let trouble else { return }
            complain(
                "What it has allowed could not be taken back: \(trouble).",
                then: "Its owner can, at https://myaccount.google.com/connections.")
            throw ExitCode.failure
        }
    }
}

/// The way to Google with this fleet's one client.
private struct GoogleAccounts {
    let client: String
    let connection: AccountConnection

    init(_ configuration: FleetConfiguration) throws {
        guard let youTube = configuration.youTube else {
            throw LedgerError(
                .refused, "youtube.client-id and youtube.client-secret are not set: README tells where to get them.")
        }
        guard let secret = youTube.clientSecret else {
            throw LedgerError(
                .refused,
                "youtube.client-secret is missing, or only root may read it. It belongs into "
                    + "/etc/credstore/ytempire.youtube-client-secret, or into YTEMPIRE_YOUTUBE_CLIENT_SECRET.")
        }
        client = youTube.clientID
        let settings = YouTubeSettings(
            client: GoogleClient(id: youTube.clientID, secret: secret),
            endpoints: youTube.baseURL.map { GoogleEndpoints(base: $0) } ?? GoogleEndpoints(),
            uploadsPerDay: youTube.uploadsPerDay, unitsPerDay: youTube.unitsPerDay)
        let caller = try HTTPCaller(
            .init(proxy: configuration.web.proxy, authorities: configuration.web.authorities))
        connection = AccountConnection(
            settings, over: ProviderLine(to: YouTubeSettings.provider, by: caller, secrets: [secret]))
    }
}
