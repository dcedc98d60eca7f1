package import FoundationEssentials
package import Production
import Yams

/// Reads a price list from YAML: `as-of: 2026-11-20`, then provider, model, item and price.
package struct PriceFile: Sendable {
    package let list: PriceList
    /// Where it was read from, for a person.
    package let place: String

    /// The one that was built in.
    package static let builtIn = "the built-in price list"

    /// Where one stands unless `prices.file` says otherwise.
    package static let standard = "/etc/ytempire/prices.yaml"

    /// - Parameter path: nil takes `/etc/ytempire/prices.yaml` if there is one, else the one that was built in.
    /// - Throws: `ConfigurationError` with all that is wrong in it.
    package static func load(_ path: String?) throws(ConfigurationError) -> PriceFile {
        guard let path = path ?? (FileManager.default.fileExists(atPath: standard) ? standard : nil) else {
            return try PriceFile(yaml: String(decoding: PackageResources.prices_yaml, as: UTF8.self), from: builtIn)
        }
        let text: String
        do {
            text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        } catch {
            throw ConfigurationError(problems: [
                ConfigurationProblem(key: "prices.file \(path)", source: nil, found: nil, expected: reason(of: error))
            ])
        }
        return try PriceFile(yaml: text, from: path)
    }

    /// Why a file can't be read, and what to do.
    private static func reason(of error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case .fileReadNoSuchFile?, .fileNoSuchFile?:
            "there is no such file; mend the path, or take prices.file out for the built-in price list"
        case .fileReadNoPermission?: "it can't be read: Permission denied; let this user read it"
        default: "it can't be read; is it a regular file?"
        }
    }

    package init(yaml text: String, from place: String) throws(ConfigurationError) {
        var problems: [ConfigurationProblem] = []
        func report(_ key: String, _ found: String?, _ expected: String) {
            problems.append(ConfigurationProblem(key: "prices.\(key)", source: place, found: found, expected: expected))
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text, .basic)
        } catch {
            throw ConfigurationError(problems: [
                ConfigurationProblem(
                    key: "prices", source: place, found: nil,
                    expected: "it can't be read as YAML: \(ConfigurationSource.reason(of: error))")
            ])
        }
        var (prices, asOf) = ([PriceList.Key: Price](), "")
        for (name, value) in root?.mapping ?? [:] {
            let provider = name.string ?? "?"
            if provider == "as-of" {
                asOf = value.scalar?.string ?? ""
                continue
            }
            guard let models = value.mapping else {
                report(provider, value.scalar?.string, "it should hold models, each with its prices")
                continue
            }
            for (name, value) in models {
                let model = name.string ?? "?"
                guard let items = value.mapping else {
                    report(
                        "\(provider).\(model)", value.scalar?.string, "it should hold items such as input_tokens: 0.25")
                    continue
                }
                for (name, value) in items {
                    let item = name.string ?? "?"
                    guard let price = value.scalar.flatMap({ Price(written: $0.string) }) else {
                        report(
                            "\(provider).\(model).\(item)", value.scalar?.string,
                            "it should be dollars for 1,000,000 units, such as 0.25, or for so many: 0.30 per 1000")
                        continue
                    }
                    prices[PriceList.Key(provider: ProviderName(provider), model: model, item: item)] = price
                }
            }
        }
        if Self.days(of: asOf) == nil {
            report(
                "as-of", asOf.isEmpty ? nil : asOf, "it should be the day you looked the prices up, such as 2026-11-20")
        }
        guard problems.isEmpty else {
            throw ConfigurationError(problems: problems.sorted { $0.key < $1.key })
        }
        (list, self.place) = (PriceList(prices: prices, asOf: asOf), place)
    }

    /// How many days ago somebody looked.
    package func age(at now: Date) -> Int {
        Int((now.timeIntervalSince1970 / 86_400).rounded(.down)) - (Self.days(of: list.asOf) ?? 0)
    }

    /// Older than this they are worth another look.
    package static let oldAge = 90

    /// Days since 1970 of `YYYY-MM-DD`; nil if it is no day.
    private static func days(of text: String) -> Int? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).compactMap { Int($0) }
        guard text.count == 10, parts.count == 3, (1...12).contains(parts[1]), (1...31).contains(parts[2]) else {
            return nil
        }
        // Howard Hinnant's days_from_civil (http://howardhinnant.github.io/date_algorithms.html), for years after 0.
        let year = parts[1] <= 2 ? parts[0] - 1 : parts[0]
        let (era, month) = (year / 400, (parts[1] + 9) % 12)
        let yearOfEra = year - era * 400
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + (153 * month + 2) / 5 + parts[2] - 1
        return era * 146_097 + dayOfEra - 719_468
    }
}

extension Price {
    /// Reads `0.25`, for 1,000,000 units, or `0.30 per 1000`.
    init?(written text: String) {
        let words = text.split(separator: " ")
        guard words.count == 1 || words.count == 3 && words[1] == "per",
            let dollars = MicroDollars(dollars: String(words[0])),
            let units = words.count == 1 ? 1_000_000 : Int64(words[2])
        else { return nil }
        self.init(micros: dollars.rawValue, perUnits: units)
    }
}
