/// A voice that espeak-ng has data for.
public struct EspeakVoice: Sendable, Hashable {
    /// `German`
    public let name: String
    /// The data file, `gmw/de`; unique.
    public let identifier: String
    /// BCP 47 in lower case, each with the voice's claim on it: the lowest number is the best voice for the language.
    public let languages: [String: Int]

    public init(name: String, identifier: String, languages: [String: Int]) {
        (self.name, self.identifier, self.languages) = (name, identifier, languages)
    }
}

extension Collection<EspeakVoice> {
    /// The best voice for a language: for `de-AT-1996` tried as such, then as `de-at`, then as `de`. Nil if none is
    /// for any of them.
    public func best(for language: String) -> EspeakVoice? {
        var subtags = language.lowercased().split { $0 == "-" || $0 == "_" }
        while !subtags.isEmpty {
            let tag = subtags.joined(separator: "-")
            let claims = compactMap { voice in voice.languages[tag].map { (voice: voice, claim: $0) } }
            // The list is sorted, so that equal claims always give the same voice.
            let sorted = claims.sorted { ($0.claim, $0.voice.identifier) < ($1.claim, $1.voice.identifier) }
            if let best = sorted.first { return best.voice }
            subtags.removeLast()
        }
        return nil
    }

    /// The voice that a person calls by its name or identifier, in upper or lower case.
    public func named(_ name: String) -> EspeakVoice? {
        let wanted = name.lowercased()
        return first { $0.identifier.lowercased() == wanted || $0.name.lowercased() == wanted }
    }
}
