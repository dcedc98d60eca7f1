package import Production

/// How ElevenLabs is asked to speak.
package struct ElevenLabsSettings: Sendable {
    /// What a voice is told beside its text; nil: as the voice itself is set. All 0 to 1, the speed about 1.
    package struct Manner: Sendable, Equatable, Encodable {
        package var stability: Double?
        package var similarityBoost: Double?
        package var style: Double?
        package var speed: Double?
        package var useSpeakerBoost: Bool?

        package init(
            stability: Double? = nil, similarityBoost: Double? = nil, style: Double? = nil, speed: Double? = nil,
            useSpeakerBoost: Bool? = nil
        ) {
            (self.stability, self.similarityBoost, self.style) = (stability, similarityBoost, style)
            (self.speed, self.useSpeakerBoost) = (speed, useSpeakerBoost)
        }
    }

    package var key: Secret
    /// Without a slash at its end. `https://api.eu.residency.elevenlabs.io` and others keep the texts in one place.
    package var base: String
    package var model: String
    package var voices: VoicesByLanguage
    package var format: SoundFormat
    package var manner: Manner
    /// Whether the voice is told what lies around a passage. Version 3's models refuse that.
    package var tellsContext: Bool
    /// Characters sent at once, at most; less where the model takes less.
    package var longest: Int
    /// Calls under way until an answer has told how many there may be. The free plan has two.
    package var atOnce: Int

    /// A passage longer than that is two minutes: nothing is gained by longer ones, every model known takes as much, and what
    /// `GET /v1/models` says, or fails to say, changes nothing in how a text is cut, so that a retry asks the same again.
    package static let usualLongest = 1_800

    package init(
        key: Secret, base: String = "https://api.elevenlabs.io", model: String = "eleven_multilingual_v2",
        voices: VoicesByLanguage, format: SoundFormat = SoundFormat("mp3_44100_128"), manner: Manner = Manner(),
        tellsContext: Bool? = nil, longest: Int = usualLongest, atOnce: Int = 2
    ) {
        (self.key, self.base, self.model, self.voices) = (key, base, model, voices)
        (self.format, self.manner, self.longest, self.atOnce) = (format, manner, longest, atOnce)
        self.tellsContext = tellsContext ?? !model.hasPrefix("eleven_v3")
    }
}
