import ArgumentParser
import Testing

@testable import ytempire

@Suite struct `What is chosen of a channel` {
    private func choices(_ words: String...) throws -> ChannelCommand.Choices {
        try ChannelCommand.Choices.parse(words)
    }

    @Test func `takes a voice of any provider, and goes back to their own choice`() throws {
        #expect(try choices("--voice", "openai:nova").voice(instead: nil) == "openai:nova")
        #expect(try choices("--voice", "gmw/de").voice(instead: "elevenlabs:abc") == "gmw/de")
        #expect(try choices("--voice", "any").voice(instead: "elevenlabs:abc") == nil)
        #expect(try choices("--length", "90").voice(instead: "elevenlabs:abc") == "elevenlabs:abc")
    }

    @Test(arguments: ["", "eleven:abc", "openai:", "elevenlabs:a b"])
    func `refuses a voice that nobody could be asked for`(voice: String) throws {
        let error = #expect(throws: (any Error).self) { try choices("--voice", voice) }
        #expect(error.map { ChannelCommand.Choices.message(for: $0).contains("--voice: the voice") } == true)
    }
}
