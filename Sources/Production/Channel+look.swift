extension Channel {
    /// How a channel's videos look and sound, beyond its palette. What is not chosen is left to the editor. As JSON it
    /// holds what was chosen and nothing else.
    package struct Look: Sendable, Equatable {
        package enum Music: Sendable, Equatable {
            /// An original piece, another one for each video.
            case automatic
            case composed(Mood)
            /// Paths of the channel's own pieces; each video gets one of them.
            case files([String])
            case off
        }

        package enum Mood: String, Sendable, Codable, CaseIterable { case calm, bright, curious, solemn }

        package enum Transitions: String, Sendable, Codable, CaseIterable {
            /// One picture becomes the next; now and then it is wiped, pushed or dipped.
            case quiet
            /// Every picture changes at once.
            case cuts
        }

        /// A caption style's name, or one of the channel's own as an ASS style; nil for the standard one.
        package var captions: String?
        /// A font family; nil for Inter.
        package var typeface: String?
        /// Path of a picture for a corner of the screen; transparent parts stay so.
        package var logo: String?
        /// Paths of films before and after the story.
        package var intro: String?
        package var outro: String?
        package var music: Music
        package var hasProgressLine: Bool
        package var transitions: Transitions

        package init(
            captions: String? = nil, typeface: String? = nil, logo: String? = nil, intro: String? = nil,
            outro: String? = nil, music: Music = .automatic, hasProgressLine: Bool = true,
            transitions: Transitions = .quiet
        ) {
            (self.captions, self.typeface, self.logo, self.intro, self.outro) = (captions, typeface, logo, intro, outro)
            (self.music, self.hasProgressLine, self.transitions) = (music, hasProgressLine, transitions)
        }

        package static let standard = Look()
    }
}

extension Channel.Look: Codable {
    private enum Key: String, CodingKey {
        case captions, typeface, logo, intro, outro, mood, musicFiles, music, progressLine, transitions
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        captions = try values.decodeIfPresent(String.self, forKey: .captions)
        typeface = try values.decodeIfPresent(String.self, forKey: .typeface)
        logo = try values.decodeIfPresent(String.self, forKey: .logo)
        intro = try values.decodeIfPresent(String.self, forKey: .intro)
        outro = try values.decodeIfPresent(String.self, forKey: .outro)
        hasProgressLine = try values.decodeIfPresent(Bool.self, forKey: .progressLine) ?? true
        transitions = try values.decodeIfPresent(Transitions.self, forKey: .transitions) ?? .quiet
        if let files = try values.decodeIfPresent([String].self, forKey: .musicFiles), !files.isEmpty {
            music = .files(files)
        } else if let mood = try values.decodeIfPresent(Mood.self, forKey: .mood) {
            music = .composed(mood)
        } else {
            music = try values.decodeIfPresent(Bool.self, forKey: .music) == false ? .off : .automatic
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encodeIfPresent(captions, forKey: .captions)
        try values.encodeIfPresent(typeface, forKey: .typeface)
        try values.encodeIfPresent(logo, forKey: .logo)
        try values.encodeIfPresent(intro, forKey: .intro)
        try values.encodeIfPresent(outro, forKey: .outro)
        switch music {
        case .automatic: break
        case .composed(let mood): try values.encode(mood, forKey: .mood)
        case .files(let files): try values.encode(files, forKey: .musicFiles)
        case .off: try values.encode(false, forKey: .music)
        }
        if !hasProgressLine { try values.encode(false, forKey: .progressLine) }
        if transitions != .quiet { try values.encode(transitions, forKey: .transitions) }
    }
}
