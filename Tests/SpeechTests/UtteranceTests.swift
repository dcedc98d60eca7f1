import Speech
import Testing

@Suite struct `Tokens whose times are told` {
    /// Samples at 1 kHz: each part is silent or heard, for so many.
    private func sound(_ parts: [(isHeard: Bool, count: Int)]) -> Sound {
        Sound(
            sampleRate: 1_000,
            samples: parts.flatMap { part in (0..<part.count).map { part.isHeard ? ($0 % 2 == 0 ? 9_000 : -9_000) : 0 }
            }
        )
    }

    @Test func `keep them, but for the silence at the sound's ends`() {
        // The first ends with a stop: silence, then what is too soft to be heard.
        let spoken = sound([(false, 200), (true, 300), (false, 60), (true, 200), (false, 240)])
        let told = Utterance(sound: spoken, told: [0..<555, nil, 555..<900, 950..<990])
        #expect(told.spans == [200..<555, nil, 555..<760, nil])
        // As an engine reports them they are cut to what is heard.
        #expect(Utterance(sound: spoken, spans: [0..<555, 555..<900]).spans == [200..<500, 560..<760])
    }

    @Test func `are none in silence, and never overlap`() {
        #expect(Utterance(sound: sound([(false, 100)]), told: [0..<50, 50..<100]).spans == [nil, nil])
        let told = Utterance(sound: sound([(true, 100)]), told: [0..<60, 40..<80, 50..<70, 90..<200])
        #expect(told.spans == [0..<60, 60..<80, nil, 90..<100])
    }
}
