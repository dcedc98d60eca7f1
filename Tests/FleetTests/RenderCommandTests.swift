import ArgumentParser
import Foundation
import Media
import Production
import Synchronization
import Testing

@testable import ytempire

@Suite struct `A storyboard that a person writes` {
    private func read(_ json: String) throws -> Storyboard {
        let folder = FileManager.default.temporaryDirectory.appending(path: "story-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "story.json")
        try Data(json.utf8).write(to: file)
        return try StoryboardFile.read(file.path)
    }

    @Test func `needs a title and scenes, and pictures lie beside it`() throws {
        let story = try read(
            #"""
            {"title": "Tides", "scenes": [
              {"narration": "It comes.", "picture": "a.jpg", "further": [{"file": "/b.mp4"}]},
              {"narration": "It goes.", "heading": "Ebb"}, {"narration": "That is all."}]}
            """#)
        #expect(story.scenes.map(\.kind) == [.opening, .body, .closing])
        #expect(story.scenes[0].picture.file?.hasSuffix("/a.jpg") == true)
        #expect(story.scenes[0].picture.file?.hasPrefix("/") == true)
        #expect(story.scenes[0].further?.first?.file == "/b.mp4")
        #expect(story.scenes[1].picture == PictureBrief(about: "Ebb"))
        #expect(story.language == "en")
    }

    @Test(arguments: [
        (#"{"title": "T", "scenes": [{"narration": "a"}, {"heading": "b"}]}"#, #"scenes, 2: "narration" is missing"#),
        (#"{"scenes": []}"#, #""title" is missing"#), (#"{"title": "T", "scenes": []}"#, "has no scenes"),
        ("tides", "is no storyboard"),
    ])
    func `that can't be read is told what is wrong with it`(_ json: String, _ words: String) {
        let error = #expect(throws: ValidationError.self) { try read(json) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test func `as a job has made it is one, too`() throws {
        let made = Storyboard(
            title: "T", description: "D", tags: ["t"], language: "de",
            source: .init(key: "k", title: "S", link: "https://example.org", author: "A"),
            scenes: [.init(kind: .body, narration: "n", heading: "h", picture: PictureBrief(about: "p"))])
        let read = try read(String(decoding: try JSONEncoder().encode(made), as: UTF8.self))
        #expect(read.scenes == made.scenes && read.source == made.source && read.language == "de")
    }
}

@Suite struct `The bar of a render` {
    private final class Page: Sendable {
        private let state = Mutex("")
        func write(_ words: String) { state.withLock { $0 += words } }
        var text: String { state.withLock { $0 } }
    }

    @Test func `is drawn over itself in a terminal, within its width`() {
        let page = Page()
        let bar = RenderBar(frameRate: 30, isTerminal: true, columns: 60) { page.write($0) }
        bar.show(RenderProgress(framesDone: 430, framesTotal: 1_000, speed: 2.9))
        #expect(page.text.hasSuffix(" 43 %  2.9× realtime  0:07 left"), "\(page.text)")
        #expect(displayWidth(String(page.text.dropFirst(5))) < 60)
        bar.clear()
        #expect(page.text.hasSuffix("\r\u{1B}[2K"))
    }

    @Test func `is ten lines elsewhere, however often it is told`() {
        let page = Page()
        let bar = RenderBar(frameRate: 30, isTerminal: false, columns: 80) { page.write($0) }
        for done in 0...1_000 { bar.show(RenderProgress(framesDone: done, framesTotal: 1_000, speed: 4)) }
        bar.clear()
        let lines = page.text.split(separator: "\n")
        #expect(lines.count == 11 && lines.last == "100 %  4.0× realtime  0:00 left", "\(page.text)")
        #expect(!page.text.contains("\u{1B}"))
    }
}

@Suite struct `A look that a person chooses` {
    private func applied(_ words: String..., to look: Channel.Look = .standard) throws -> Channel.Look {
        try LookChoices.parse(words).applied(to: look)
    }

    @Test func `changes what was said, and nothing else`() throws {
        let first = try applied("--logo", "/srv/l.png", "--music", "/a.ogg", "--music", "/b.ogg", "--no-progress-line")
        #expect(
            first == Channel.Look(logo: "/srv/l.png", music: .files(["/a.ogg", "/b.ogg"]), hasProgressLine: false))
        let second = try applied("--logo", "none", "--music", "calm", "--captions", "pill", to: first)
        #expect(second == Channel.Look(captions: "pill", music: .composed(.calm), hasProgressLine: false))
        #expect(try applied("--captions", "quiet", "--music", "automatic", "--progress-line", to: second) == .standard)
    }

    @Test(arguments: [
        ["--captions", "loud"], ["--captions", "Arial,big"], ["--music", "calm", "--music", "/a.ogg"],
        ["--typeface", "Inter, Arial"], ["--transitions", "star"],
    ])
    func `that can't be is refused with the right words`(_ words: [String]) {
        #expect(throws: (any Error).self) { try LookChoices.parse(words) }
    }
}
