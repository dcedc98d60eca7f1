import Media
import Testing

@Suite struct `The encoder ladder` {
    @Test func `ends at libx264 and keeps the driver's words, or finds a GPU that encodes`() async throws {
        let ladder = EncoderLadder()
        let (encoder, refusals) = try await ladder.probe()
        if encoder == "h264_nvenc" {
            #expect(refusals.isEmpty)
        } else {
            #expect(encoder == "libx264")
            let refusal = try #require(refusals.first)
            #expect(refusal.encoder == "h264_nvenc")
            #expect(!refusal.words.isEmpty)
            #expect(refusal.description.contains(refusal.words))
        }
        let again = try await ladder.probe()
        #expect(again.encoder == encoder)
        #expect(again.refusals == refusals)
    }

    @Test func `asks no GPU where software is preferred`() async throws {
        let (encoder, refusals) = try await EncoderLadder().probe(.software)
        #expect(encoder == "libx264")
        #expect(refusals.isEmpty)
    }

    @Test(arguments: VideoEncoding.Preference.allCases)
    func `is told in the report`(preference: VideoEncoding.Preference) async throws {
        let workshop = try Workshop()
        let ladder = EncoderLadder()
        let cut = try workshop.cut(encoding: VideoEncoding(preference: preference))
        let report = try await VideoRenderer(ladder: ladder).render(cut, to: workshop.path("video.mp4"))
        let probed = try await ladder.probe(preference)
        #expect(report.encoder == probed.encoder)
        #expect(report.refusals == probed.refusals)
    }
}
