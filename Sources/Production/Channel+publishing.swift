extension Channel {
    /// What a channel is about and how it speaks, for whoever writes for it.
    package struct Brief: Sendable, Equatable, Codable {
        /// Plain words: subject, audience, tone. Empty: whatever the source gives.
        package var text: String
        /// Words and phrases that must not be said or shown, whatever their case.
        package var forbidden: [String]
        /// What every video says first and last, as it is spoken; nil for nothing. A voice that costs money says it once.
        package var greeting: String?
        package var farewell: String?

        package init(
            text: String = "", forbidden: [String] = [], greeting: String? = nil, farewell: String? = nil
        ) {
            (self.text, self.forbidden) = (text, forbidden)
            (self.greeting, self.farewell) = (greeting, farewell)
        }

        package static let none = Brief()

        /// Characters that a greeting or a farewell has at most: a sentence or two.
        package static let phraseLimit = 240
    }

    /// What a job does when there is no money for the next call.
    package enum ShortOfMoney: String, Sendable, Codable, CaseIterable {
        /// The next model or voice in the configured order, down to the offline ones.
        case cheaper
        /// Waits for the next money day.
        case hold
        /// Ends dead.
        case stop
    }

    /// How a channel's videos are published on YouTube; each said explicitly with every upload.
    package struct Publishing: Sendable, Equatable, Codable {
        package enum Privacy: String, Sendable, Codable, CaseIterable { case `private`, unlisted, `public` }

        /// Private until a person says otherwise: what is public can't be taken back from who has seen it.
        package var privacy: Privacy
        package var madeForKids: Bool
        /// Whether it shows realistic scenes that did not happen, or a cloned voice (`status.containsSyntheticMedia`).
        package var syntheticMedia: Bool
        /// A playlist's id; nil for none.
        package var playlist: String?
        /// YouTube's category, such as "27" for education.
        package var category: String
        /// Whether the captions are uploaded too: 400 of the project's 10,000 units a day.
        package var captions: Bool
        /// The time of day, in the user's zone, at which a private video becomes public; nil for never.
        package var publishAt: TimeOfDay?
        package var notifiesSubscribers: Bool

        package init(
            privacy: Privacy = .private, madeForKids: Bool = false, syntheticMedia: Bool = false,
            playlist: String? = nil, category: String = "27", captions: Bool = false, publishAt: TimeOfDay? = nil,
            notifiesSubscribers: Bool = true
        ) {
            (self.privacy, self.madeForKids, self.syntheticMedia) = (privacy, madeForKids, syntheticMedia)
            (self.playlist, self.category, self.captions) = (playlist, category, captions)
            (self.publishAt, self.notifiesSubscribers) = (publishAt, notifiesSubscribers)
        }

        package static let standard = Publishing()
    }
}

/// What a later version adds is not there yet in what was written before it: what is missing is standard.
extension Channel.Brief {
    private enum CodingKeys: String, CodingKey { case text, forbidden, greeting, farewell }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        text = try values.decodeIfPresent(String.self, forKey: .text) ?? ""
        forbidden = try values.decodeIfPresent([String].self, forKey: .forbidden) ?? []
        greeting = try values.decodeIfPresent(String.self, forKey: .greeting)
        farewell = try values.decodeIfPresent(String.self, forKey: .farewell)
    }
}

extension Channel.Publishing {
    private enum CodingKeys: String, CodingKey {
        case privacy, madeForKids, syntheticMedia, playlist, category, captions, publishAt, notifiesSubscribers
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ key: CodingKeys, _ standard: Value) throws -> Value {
            try values.decodeIfPresent(Value.self, forKey: key) ?? standard
        }
        let standard = Self.standard
        privacy = try read(.privacy, standard.privacy)
        madeForKids = try read(.madeForKids, standard.madeForKids)
        syntheticMedia = try read(.syntheticMedia, standard.syntheticMedia)
        playlist = try values.decodeIfPresent(String.self, forKey: .playlist)
        category = try read(.category, standard.category)
        captions = try read(.captions, standard.captions)
        publishAt = try values.decodeIfPresent(TimeOfDay.self, forKey: .publishAt)
        notifiesSubscribers = try read(.notifiesSubscribers, standard.notifiesSubscribers)
    }
}
