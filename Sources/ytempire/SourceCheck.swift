import Feeds
import Fleet

/// What this host finds at a channel's source. Another host may see something else, so it is told and never refused.
struct SourceCheck: Encodable {
    /// How many items there are; nil where it can't be read.
    let items: Int?
    /// What is wrong with it, and what to do.
    let problem: String?

    init(of source: String, by configuration: FleetConfiguration) async {
        var limits = FeedReader.Limits()
        // A person waits.
        limits.seconds = 10
        let reader = FeedReader(allowPrivateAddresses: configuration.allowPrivateSources, limits: limits)
        do {
            (items, problem) = (try await reader.read(source).items.count, nil)
        } catch {
            (items, problem) = (nil, (error as? FeedError)?.reason ?? "\(error)")
        }
    }

    /// `5 items, readable from here`
    var text: String {
        if let problem { return "WARNING, as seen from this host: \(problem)" }
        return "\(items ?? 0) \(items == 1 ? "item" : "items"), readable from here"
    }
}
