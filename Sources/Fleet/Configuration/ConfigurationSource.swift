import Configuration
import FoundationEssentials
import SystemPackage
import Yams

/// A place where values may stand, with a name for people. The strongest comes first in a list of them.
struct ConfigurationSource: Sendable {
    let provider: any ConfigProvider
    /// How a person finds the value of a key there.
    let place: @Sendable (_ key: String) -> String
    /// Every key that stands there, where the place can tell; such keys must be known ones.
    let keys: [String]

    func value(of key: String) throws -> String? {
        let result = try provider.value(
            forKey: AbsoluteConfigKey(key.split(separator: ".").map(String.init)), type: .string)
        guard case .string(let text)? = result.value?.content else { return nil }
        return text
    }

    /// `YTEMPIRE_DATABASE_URL` for `database.url`.
    static func environment(_ variables: [String: String]) -> ConfigurationSource {
        let ours = variables.filter { $0.key.hasPrefix("YTEMPIRE_") && !variablesOfOtherUse.contains($0.key) }
        let stripped = Dictionary(
            ours.map { (String($0.key.dropFirst("YTEMPIRE_".count)), $0.value) },
            uniquingKeysWith: { first, _ in first })
        return ConfigurationSource(
            provider: EnvironmentVariablesProvider(environmentVariables: stripped),
            place: { variableName(of: $0) }, keys: ours.keys.sorted())
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

    static func yaml(_ path: String) async throws -> ConfigurationSource {
        let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        let root = try Yams.compose(yaml: text)
        // A file without a key, or with nothing but comments, says nothing; the reader would refuse it.
        let isEmpty = root.map { $0.scalar?.string.isEmpty ?? false } ?? true
        let provider: any ConfigProvider =
            isEmpty
            ? EnvironmentVariablesProvider(environmentVariables: [:])
            : try await FileProvider<YAMLSnapshot>(filePath: FilePath(path))
        return ConfigurationSource(provider: provider, place: { _ in path }, keys: keys(of: root))
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

    /// The dotted paths of a mapping's leaves.
    private static func keys(of node: Node?, below prefix: String = "") -> [String] {
        guard let mapping = node?.mapping else { return prefix.isEmpty ? [] : [prefix] }
        return mapping.flatMap { key, value in
            let name = key.string ?? "?"
            return keys(of: value, below: prefix.isEmpty ? name : "\(prefix).\(name)")
        }
    }
}
