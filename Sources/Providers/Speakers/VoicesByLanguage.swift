/// A provider's voices by the language they speak: `en-GB` before `en` before `*`, which is any.
package struct VoicesByLanguage: Sendable, Equatable {
    private let voices: [String: String]

    /// - Parameter voices: BCP 47 tags, or `*`, with the provider's names of voices.
    package init(_ voices: [String: String]) {
        self.voices = Dictionary(voices.map { ($0.lowercased(), $1) }) { first, _ in first }
    }

    /// Nil if no voice speaks the language.
    package func voice(for language: String) -> String? {
        var parts = language.lowercased().replacing("_", with: "-").split(separator: "-")
        while !parts.isEmpty {
            if let voice = voices[parts.joined(separator: "-")] { return voice }
            parts.removeLast()
        }
        return voices["*"]
    }
}
