import Foundation
import Testing

@testable import Fleet

@Suite struct `The example configuration` {
    private static let file = Command.clone.appending(path: "Deploy/config/ytempire.yaml")

    /// Every key, as if a person had taken away each `#` that stands before a key.
    private func uncommented() throws -> String {
        try String(contentsOf: Self.file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.wholeMatch(of: /#((?:  )*[a-z0-9-]+:.*)/).map { String($0.1) } ?? String($0) }
            .joined(separator: "\n")
    }

    /// All it says, as words in an order that does not depend on that of dictionaries.
    private func load(_ yaml: String) async throws -> [String] {
        let file = FileManager.default.temporaryDirectory.appending(path: "example-\(UUID().uuidString).yaml")
        try Data(yaml.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var configuration = try await FleetConfiguration.load(file: file.path, environment: [:])
        configuration.files = []
        return "\(configuration)".split { ",[]()".contains($0) }.map { $0.trimmingCharacters(in: .whitespaces) }
            .sorted()
    }

    @Test func `changes nothing as it comes, and nothing with every key taken as written`() async throws {
        let nothing = try await load("")
        #expect(try await load(String(contentsOf: Self.file, encoding: .utf8)) == nothing)
        // What has no default has nothing to write down.
        let all = try uncommented().split(separator: "\n", omittingEmptySubsequences: false).withoutEmptyKeys()
        #expect(try await load(all) == nothing)
    }

    @Test func `has every key there is`() async throws {
        let collector = ConfigurationCollector([])
        _ = FleetConfiguration(collector, files: [])
        let file = FileManager.default.temporaryDirectory.appending(path: "example-\(UUID().uuidString).yaml")
        try Data(uncommented().utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let written = Set(try await ConfigurationSource.yaml(file.path).keys)
        // Those of tests are nobody's to set.
        let known = collector.known.filter { !$0.hasPrefix("testing.") }
        #expect(written == known, "\(written.symmetricDifference(known).sorted())")
    }
}

extension [Substring] {
    /// The lines of YAML without the keys that have neither a value nor keys below them.
    fileprivate func withoutEmptyKeys() -> String {
        var lines = filter { !$0.allSatisfy(\.isWhitespace) && $0.first(where: { !$0.isWhitespace }) != "#" }
        func indent(_ line: Substring) -> Int { line.prefix(while: \.isWhitespace).count }
        while let empty = lines.indices.last(where: { index in
            let value = lines[index].drop { $0 != ":" }.dropFirst().drop(while: \.isWhitespace)
            let hasKeys = index + 1 < lines.count && indent(lines[index + 1]) > indent(lines[index])
            return (value.isEmpty || value.hasPrefix("#")) && !hasKeys
        }) {
            lines.remove(at: empty)
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
