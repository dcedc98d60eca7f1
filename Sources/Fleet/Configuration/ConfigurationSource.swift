import Configuration
import FoundationEssentials
import SystemPackage
import Yams

/// A place where values may stand, with a name for people. The strongest comes first in a list of them.
struct ConfigurationSource: Sendable {
    /// The value of a key; nil if there is none.
    let value: @Sendable (_ key: String) throws -> String?
    /// How a person finds the value of a key there.
    let place: @Sendable (_ key: String) -> String
    /// Every key that stands there, where the place can tell; such keys must be known ones.
    let keys: [String]

    private init(
        provider: any ConfigProvider, place: @escaping @Sendable (_ key: String) -> String, keys: [String]
    ) {
        self.init(
            value: { key in
                let result = try provider.value(forKey: Self.absolute(key), type: .string)
                guard case .string(let text)? = result.value?.content else { return nil }
                return text
            }, place: place, keys: keys)
    }

    private init(
        value: @escaping @Sendable (_ key: String) throws -> String?,
        place: @escaping @Sendable (_ key: String) -> String, keys: [String]
    ) {
        (self.value, self.place, self.keys) = (value, place, keys)
    }

    /// `YTEMPIRE_DATABASE_URL` for `database.url`.
    static func environment(_ variables: [String: String]) -> ConfigurationSource {
        let ours = variables.filter { $0.key.hasPrefix("YTEMPIRE_") && !variablesOfOtherUse.contains($0.key) }
        let stripped = Dictionary(
            ours.map { (String($0.key.dropFirst("YTEMPIRE_".count)), $0.value) },
            uniquingKeysWith: { first, _ in first })
        return ConfigurationSource(
            provider: EnvironmentVariablesProvider(environmentVariables: stripped),
            // An unknown variable is told by its own name.
            place: { $0.hasPrefix("YTEMPIRE_") ? "the environment" : variableName(of: $0) }, keys: ours.keys.sorted())
    }

    static func variableName(of key: String) -> String {
        "YTEMPIRE_" + key.uppercased().map { $0 == "." || $0 == "-" ? "_" : String($0) }.joined()
    }

    /// Names a file to read; it is no value itself.
    static let variablesOfOtherUse: Set<String> = ["YTEMPIRE_CONFIG"]

    /// systemd's credentials: the file `database-url` for `database.url`. Always secret.
    static func credentials(in directory: String) async throws -> ConfigurationSource {
        let provider = try await DirectoryFilesProvider(directoryPath: FilePath(directory))
        return ConfigurationSource(
            provider: provider, place: { "\(directory)/\($0.replacing(".", with: "-"))" }, keys: [])
    }

    /// What systemd hands over from a folder, for who is not started by systemd and may read it: the file `ytempire.database-url` for
    /// `database.url`.
    static func store(at folder: String) -> ConfigurationSource {
        @Sendable func path(_ key: String) -> String { "\(folder)/\(storeName(of: key))" }
        return ConfigurationSource(
            value: { key in
                // Unreadable is as if it weren't there: not everybody's command needs it.
                guard secretKeys.contains(key), let bytes = FileManager.default.contents(atPath: path(key)) else {
                    return nil
                }
                let text = String(decoding: bytes, as: UTF8.self)
                return text.hasSuffix("\n") ? String(text.dropLast()) : text
            }, place: path, keys: [])
    }

    /// The file of a key in `/etc/credstore`.
    static func storeName(of key: String) -> String { "ytempire.\(key.replacing(".", with: "-"))" }

    /// The keys that systemd's units hand over.
    static let secretKeys: Set<String> = [
        "database.url", "redis.url", "openai.key", "elevenlabs.key", "youtube.client-secret", "stock.pexels.key",
        "stock.unsplash.key", "stock.pixabay.key", "artifacts.s3.access-key", "artifacts.s3.secret-key",
        "artifacts.s3.session-token", "webhooks.urls", "webhooks.secret", "webhooks.token",
    ]

    static func yaml(_ path: String) async throws -> ConfigurationSource {
        let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        // Everything is read as text here and parsed by who asks, so no rules of what looks like a number or a date: Yams
        // compiles those from regular expressions, at the cost of a megabyte in every worker.
        let root = try Yams.compose(yaml: text, .basic)
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        // A file without a key, or with nothing but comments, says nothing.
        if let root, root.scalar?.string.isEmpty != true {
            guard root.mapping != nil else { throw NotAMapping() }
            for (path, node) in leaves(of: root) {
                // A list is no value that anybody asks for; as one, it is refused with its key.
                let content = node.scalar.map { ConfigContent.string($0.string) } ?? .stringArray([])
                values[absolute(path)] = ConfigValue(content, isSecret: false)
            }
        }
        let provider = InMemoryProvider(name: path, values: values)
        let keys = values.keys.map { $0.components.joined(separator: ".") }.sorted()
        return ConfigurationSource(provider: provider, place: { _ in path }, keys: keys)
    }

    /// Why a file is no YAML, without the line itself: it may hold a password.
    static func reason(of error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "\(problem) in line \(mark.line)"
        case .some: "it is malformed"
        case nil: "\(error)"
        }
    }

    private struct NotAMapping: Error, CustomStringConvertible {
        var description: String { "it is no mapping of keys to values" }
    }

    private static func absolute(_ key: String) -> AbsoluteConfigKey {
        AbsoluteConfigKey(key.split(separator: ".").map(String.init))
    }

    /// What a mapping holds that is no mapping itself, each with its dotted path.
    private static func leaves(of node: Node, below path: String = "") -> [(path: String, node: Node)] {
        guard let mapping = node.mapping else { return [(path, node)] }
        return mapping.flatMap { key, value in
            let name = key.string ?? "?"
            return leaves(of: value, below: path.isEmpty ? name : "\(path).\(name)")
        }
    }
}
