import Foundation
import Production
import Testing

@Suite struct `A channel's look` {
    @Test func `says as JSON what was chosen, and nothing else`() throws {
        let looks: [(Channel.Look, String)] = [
            (.standard, "{}"),
            (Channel.Look(music: .off, hasProgressLine: false), #"{"music":false,"progressLine":false}"#),
            (Channel.Look(logo: "/l.png", music: .composed(.solemn)), #"{"logo":"/l.png","mood":"solemn"}"#),
            (
                Channel.Look(captions: "loud", music: .files(["/a.ogg", "/b.ogg"]), transitions: .cuts),
                #"{"captions":"loud","musicFiles":["/a.ogg","/b.ogg"],"transitions":"cuts"}"#
            ),
        ]
        for (look, json) in looks {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            #expect(String(decoding: try encoder.encode(look), as: UTF8.self) == json)
            #expect(try JSONDecoder().decode(Channel.Look.self, from: Data(json.utf8)) == look)
        }
    }
}
