import Fleet
import Foundation
import HTTP
import Ledger
import OfflinePublisher
import Production
import ProviderCalling
import Secrets
import YouTube

extension FleetServices {
    /// Who publishes: the channels' YouTube accounts, or a folder.
    ///
    /// - Throws: what is wrong with the key file, under whose keys the accounts' tokens lie.
    func uploadWork(by caller: HTTPCaller, environment: [String: String]) throws -> UploadWork {
        guard configuration.publishTo == .youTube else {
            let folder = OfflinePublisher(
                root: URL(filePath: configuration.published),
                baseURL: configuration.publishedURL.flatMap { URL(string: $0) })
            return UploadWork(publisher: folder, sealing: nil)
        }
        guard let youTube = configuration.youTube, let clientSecret = youTube.clientSecret else {
            throw ConfigurationError(problems: configuration.lacking.filter { $0.key.hasPrefix("youtube.") })
        }
        let client = GoogleClient(id: youTube.clientID, secret: clientSecret)
        let settings = YouTubeSettings(
            client: client, endpoints: youTube.baseURL.map { GoogleEndpoints(base: $0) } ?? GoogleEndpoints(),
            uploadsPerDay: youTube.uploadsPerDay, unitsPerDay: youTube.unitsPerDay)
        let keys = KeyFile(environment: environment, path: configuration.keyFile)
        do {
            try keys.load()
        } catch {
            throw ConfigurationError(problems: [
                ConfigurationProblem(key: "secrets.key-file", source: nil, found: nil, expected: "\(error)")
            ])
        }
        let publisher = YouTubePublisher(
            settings, over: ProviderLine(to: YouTubeSettings.provider, by: caller, secrets: [client.secret]),
            accounts: LedgerAccounts(ledger, sealing: keys),
            quotas: LedgerQuotas(ledger))
        return UploadWork(publisher: publisher, sealing: keys)
    }
}
