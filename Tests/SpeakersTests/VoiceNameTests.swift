import Production
import Testing

@Suite struct `A channel's voice` {
    @Test func `names its provider and the voice there`() throws {
        #expect(try VoiceName(parsing: "elevenlabs:21m00Tcm4TlvDq8ikWAM").name == "21m00Tcm4TlvDq8ikWAM")
        #expect(try VoiceName(parsing: " OpenAI : nova ") == VoiceName(parsing: "openai:nova"))
        #expect(try VoiceName(parsing: "offline:gmw/de").provider == "offline")
        #expect(try VoiceName(parsing: "command:anna").description == "command:anna")
    }

    @Test func `may leave the choice to the provider, or be an offline one's plain name`() throws {
        let bare = try VoiceName(parsing: "openai")
        #expect(bare.provider == "openai" && bare.name == nil && bare.description == "openai")
        let plain = try VoiceName(parsing: "cmu_us_slt")
        #expect(plain.provider == "offline" && plain.name == "cmu_us_slt")
    }

    @Test(arguments: ["", "  ", "elevenlabs:", "google:anna", "openai:no va"])
    func `that can't be meant is refused, with what would be right`(text: String) {
        let error = #expect(throws: VoiceName.Malformed.self) { try VoiceName(parsing: text) }
        #expect(error?.description.contains("write elevenlabs:VOICE-ID, openai:NAME") == true)
    }
}
