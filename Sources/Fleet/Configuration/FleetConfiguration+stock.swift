import Production

extension FleetConfiguration.Stock {
    init(_ read: ConfigurationCollector) {
        pexels = Self.library(
            read, "pexels", isOn: true, url: "https://api.pexels.com/v1", calls: "calls-an-hour", default: 200)
        pexelsFilmsURL = read.address("stock.pexels.films-url") ?? "https://api.pexels.com/v1/videos"
        unsplash = Self.library(
            read, "unsplash", isOn: false, url: "https://api.unsplash.com", calls: "calls-an-hour", default: 50)
        pixabay = Self.library(
            read, "pixabay", isOn: false, url: "https://pixabay.com/api", calls: "calls-a-minute", default: 100)
        preference = read.choice("stock.prefer", default: .mixed)
        rest = read.duration("stock.rest", default: .seconds(30 * 86_400), in: .zero...(.seconds(3_650 * 86_400)))
        sizeLimit = read.integer("stock.size-limit", default: 300, in: 1...4_096)
    }

    /// - Parameter isOn: unless `enabled` says otherwise; Pexels is, where there is a key.
    private static func library(
        _ read: ConfigurationCollector, _ name: String, isOn: Bool, url: String, calls: String, default most: Int
    ) -> Library? {
        let isEnabled = read.flag("stock.\(name).enabled", default: isOn)
        let key = read.secret("stock.\(name).key")
        let url = read.address("stock.\(name).url") ?? url
        let most = read.integer("stock.\(name).\(calls)", default: most, in: 1...1_000_000)
        guard isEnabled else { return nil }
        guard let key else {
            if !isOn {
                read.lacks(
                    "stock.\(name).key", because: "it is needed, since stock.\(name).enabled is true",
                    for: [.worker(.render)])
            }
            return nil
        }
        return Library(key: key, url: url, calls: most)
    }
}
