extension StockItem {
    /// `Film by Ada Lovelace (https://…/@ada) on Pexels: https://…/video/1`, fit for a description anywhere.
    package var credit: String {
        let what = name.kind == .film ? "Film" : "Photo"
        let place = Self.title(of: name.provider)
        guard !author.isEmpty else { return Self.plain("\(what) on \(place): \(page)") }
        return Self.plain("\(what) by \(author)\(authorPage.map { " (\($0))" } ?? "") on \(place): \(page)")
    }

    /// The lines by which a video names those whose work it shows, each item once, each library with a link to it before its
    /// items, in the order in which they are shown.
    package static func credits(_ items: [StockItem]) -> [String] {
        var libraries: [ProviderName] = []
        for item in items where !libraries.contains(item.name.provider) { libraries.append(item.name.provider) }
        return libraries.flatMap { library in
            var lines = [libraryLine(of: library)]
            for item in items where item.name.provider == library && !lines.contains(item.credit) {
                lines.append(item.credit)
            }
            return lines
        }
    }

    private static func libraryLine(of provider: ProviderName) -> String {
        switch provider {
        // Their guidelines ask for a prominent link to them.
        case "pexels": "Films and photos provided by Pexels: https://www.pexels.com"
        // A link to a person's page or to Unsplash names who sent the reader.
        case "unsplash": "Photos provided by Unsplash: https://unsplash.com/?utm_source=ytempire&utm_medium=referral"
        case "pixabay": "Films and photos provided by Pixabay: https://pixabay.com"
        default: "Films and photos provided by \(plain(provider.rawValue))"
        }
    }

    private static func title(of provider: ProviderName) -> String {
        provider.rawValue.prefix(1).uppercased() + provider.rawValue.dropFirst()
    }

    /// On one line and without `<` and `>`, which YouTube refuses.
    private static func plain(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ").filter { $0 != "<" && $0 != ">" }
    }
}
