package import Production

/// How a server that has OpenAI's `/audio/speech` is asked to speak: OpenAI itself, or one of one's own.
package struct OpenAISpeechSettings: Sendable {
    /// Nil where the server wants none.
    package var key: Secret?
    /// With its version, without a slash at its end.
    package var base: String
    package var model: String
    package var voices: VoicesByLanguage
    package var format: SoundFormat
    /// 0.25 to 4; nil: the voice's own.
    package var speed: Double?
    /// How to speak, in words; nil for none. `tts-1` and `tts-1-hd` take none, so they are not sent any.
    package var instructions: String?
    package var organization: String?
    package var project: String?
    /// Characters sent at once, at most.
    package var longest: Int
    /// Whether it costs money. Where it doesn't, nothing is reserved and no price is needed.
    package var isPaid: Bool

    /// What every server takes; OpenAI's own limit is 4,096 characters, and 2,000 tokens for `gpt-4o-mini-tts`.
    package static let usualLongest = 1_800

    package init(
        key: Secret?, base: String = "https://api.openai.com/v1", model: String = "gpt-4o-mini-tts",
        voices: VoicesByLanguage = VoicesByLanguage(["*": "nova"]), format: SoundFormat = SoundFormat("mp3"),
        speed: Double? = nil, instructions: String? = nil, organization: String? = nil, project: String? = nil,
        longest: Int = usualLongest, isPaid: Bool = true
    ) {
        (self.key, self.base, self.model, self.voices) = (key, base, model, voices)
        (self.format, self.speed, self.instructions) = (format, speed, instructions)
        (self.organization, self.project, self.isPaid) = (organization, project, isPaid)
        self.longest = min(longest, 4_096)
    }
}
