import Speech

/// Which engine speaks with which of its voices.
enum VoiceChoice: Equatable {
    case flite
    case espeak(EspeakVoice)

    /// No voice has the name, or none speaks the language.
    struct Unavailable: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameters:
    ///   - name: nil for the best voice for the language.
    ///   - language: BCP 47
    init(named name: String?, for language: String, of available: [EspeakVoice]) throws(Unavailable) {
        if let name {
            if name.lowercased() == Flite.voice {
                self = .flite
            } else if let voice = available.named(name) {
                self = .espeak(voice)
            } else {
                throw Self.unknown(voice: name, language: language, of: available)
            }
        } else if language.primarySubtag == "en" {
            self = .flite
        } else if let voice = available.best(for: language) {
            self = .espeak(voice)
        } else {
            throw Self.unknown(language: language, of: available)
        }
    }

    /// As `Narration.voice` names it; asked for by this name, the same voice speaks again.
    var name: String {
        switch self {
        case .flite: Flite.voice
        case .espeak(let voice): voice.identifier
        }
    }

    /// The script that the voice reads.
    var letters: Pronunciation.Letters {
        switch self {
        case .flite: .ascii
        case .espeak(let voice):
            voice.languages.keys.contains { Self.otherScripts.contains($0.primarySubtag) } ? .all : .latin
        }
    }

    /// Languages of espeak-ng that are not written in Latin letters.
    private static let otherScripts: Set<String> = [
        "am", "ar", "as", "ba", "be", "bg", "bn", "bpy", "chr", "cmn", "cv", "el", "fa", "grc", "gu", "hak", "he", "hi",
        "hy", "hyw", "ja", "ka", "kk", "kn", "ko", "kok", "ky", "mk", "ml", "mr", "my", "ne", "nog", "or", "pa", "piqd",
        "ru", "sd", "shn", "si", "sr", "ta", "te", "th", "tt", "ug", "uk", "ur", "yue", "zh",
    ]

    private static func unknown(language: String, of available: [EspeakVoice]) -> Unavailable {
        let all = Set(available.flatMap { $0.languages.keys.map(\.primarySubtag) })
        let known = ["en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "zh"].filter(all.contains)
        return Unavailable(
            description: """
                no voice speaks the language “\(language)”; there are voices for \(known.joined(separator: ", ")) and \
                \(all.count - known.count) more
                """)
    }

    private static func unknown(voice: String, language: String, of available: [EspeakVoice]) -> Unavailable {
        let fitting = available.filter { $0.languages.keys.contains { $0.primarySubtag == language.primarySubtag } }
        var names = (fitting.isEmpty ? Array(available.prefix(8)) : fitting).map { "\($0.identifier) (\($0.name))" }
        if language.primarySubtag == "en" || fitting.isEmpty { names.insert(Flite.voice, at: 0) }
        return Unavailable(
            description: "there is no voice “\(voice)”; for “\(language)” there are \(names.joined(separator: ", "))")
    }
}

extension String {
    /// `de` of `de-AT`
    var primarySubtag: String { String(lowercased().prefix { $0 != "-" && $0 != "_" }) }
}
