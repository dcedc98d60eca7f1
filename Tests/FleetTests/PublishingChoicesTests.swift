import ArgumentParser
import Foundation
import Production
import Testing

@testable import ytempire

@Suite struct `What is chosen of a channel's publishing` {
    private func choices(_ words: String...) throws -> PublishingChoices {
        try PublishingChoices.parse(words)
    }

    @Test func `takes the place of what was, and of nothing else`() throws {
        let old = Channel.Publishing(privacy: .private, playlist: "PL1", captions: true, publishAt: TimeOfDay("17:30"))
        let first = try choices("--made-for-kids", "--playlist", "none", "--category", "15").applied(to: old)
        #expect(
            first
                == Channel.Publishing(
                    privacy: .private, madeForKids: true, category: "15", captions: true, publishAt: TimeOfDay("17:30"))
        )
        let second = try choices("--privacy", "public", "--publish-at", "none", "--no-upload-captions").applied(
            to: first)
        #expect(second == Channel.Publishing(privacy: .public, madeForKids: true, category: "15"))
        let brief = try choices("--brief", "Fish", "--forbid", "shark", "--forbid", "jaws")
            .applied(to: Channel.Brief(text: "Birds", forbidden: ["cat"]))
        #expect(brief == Channel.Brief(text: "Fish", forbidden: ["shark", "jaws"]))
        #expect(try choices("--forbid", "none").applied(to: brief) == Channel.Brief(text: "Fish"))
        #expect(try choices("--when-short", "cheaper").whenShort == .cheaper)
        let framed = try choices("--greeting", "Welcome  to Fish", "--farewell", "Bye!").applied(to: brief)
        #expect(framed.greeting == "Welcome to Fish." && framed.farewell == "Bye!" && framed.text == "Fish")
        #expect(try choices("--greeting", "").applied(to: framed).greeting == nil)
    }

    @Test func `is refused where it does not go together`() throws {
        let timed = Channel.Publishing(privacy: .private, publishAt: TimeOfDay("17:30"))
        #expect(throws: ValidationError.self) { _ = try choices("--privacy", "public").applied(to: timed) }
        for words in [
            ["--category", "news"], ["--publish-at", "25:00"], ["--privacy", "friends"], ["--when-short", "x"],
            ["--greeting", String(repeating: "Hello again ", count: 30)], ["--farewell", "..."],
        ] {
            #expect(throws: (any Error).self) { try Ytempire.parseAsRoot(["channel", "edit", "a", "b"] + words) }
        }
    }
}
