/// A channel's voice as a person writes it: `elevenlabs:21m00Tcm4TlvDq8ikWAM`, `openai:nova`, `command:anna`,
/// `offline:gmw/de`; `openai` alone is that provider's own choice for the language. A name without a provider is an offline
/// voice's.
package struct VoiceName: Sendable, Equatable, CustomStringConvertible {
    package let provider: ProviderName
    /// As the provider knows it; nil lets it choose for the language.
    package let name: String?

    /// Those a voice may be asked of.
    package static let providers: [ProviderName] = ["elevenlabs", "openai", "command", "offline"]

    /// What is wrong with a voice's name, and what would be right.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    package init(parsing text: String) throws(Malformed) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
        if parts.count == 1 {
            guard !parts[0].isEmpty else { throw Self.malformed(text, "is empty") }
            let known = Self.providers.first { $0.rawValue == parts[0].lowercased() }
            (provider, name) = known.map { ($0, nil) } ?? ("offline", parts[0])
            return
        }
        guard let provider = Self.providers.first(where: { $0.rawValue == parts[0].lowercased() }) else {
            throw Self.malformed(text, "begins with “\(parts[0])”, which speaks with no voice here")
        }
        guard !parts[1].isEmpty else { throw Self.malformed(text, "names no voice behind its colon") }
        guard !parts[1].contains(where: { $0.isWhitespace || $0.isNewline }) || provider == "offline" else {
            throw Self.malformed(text, "has a blank in it")
        }
        (self.provider, name) = (provider, parts[1])
    }

    package var description: String { name.map { "\(provider):\($0)" } ?? "\(provider)" }

    private static func malformed(_ text: String, _ why: String) -> Malformed {
        Malformed(
            description: """
                the voice “\(text)” \(why); write elevenlabs:VOICE-ID, openai:NAME, command:NAME or offline:NAME, or the \
                provider alone for its own choice
                """)
    }
}

extension Substring {
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
