import Production
import Testing

@testable import YouTube

@Suite struct `A video's listing` {
    @Test func `has a title of at most a hundred characters, cut at a word, without angle brackets`() {
        #expect(ListingText.title("Why <b>\n not?") == "Why ‹b› not?")
        let long = ListingText.title(String(repeating: "lighthouse ", count: 20))
        #expect(long.utf16.count <= 100 && long.hasSuffix("lighthouse…"))
        #expect(ListingText.title(String(repeating: "😀", count: 80)).utf16.count <= 100)
        #expect(ListingText.title(" \u{7}") == "Untitled")
    }

    @Test func `counts a description in bytes, and keeps its last paragraph`() {
        let text =
            String(repeating: "Märchen über Türme. ", count: 300) + "\n\nSource: “A <tower>”\nhttps://example.org/1"
        let short = ListingText.shortened(text, to: 5_000)
        #expect(short.utf8.count <= 5_000 && short.utf8.count > 4_900)
        #expect(short.hasSuffix("…\n\nSource: “A <tower>”\nhttps://example.org/1"))
        #expect(ListingText.shortened("short", to: 5_000) == "short")
        let solid = ListingText.shortened(String(repeating: "塔", count: 3_000), to: 5_000)
        #expect(solid.utf8.count <= 5_000 && solid.hasSuffix("塔…"))
    }

    @Test func `has as many tags as YouTube's way of counting allows, the marker first`() {
        let tags = ListingText.tags(["old tower", "old tower", "a,b\"<c>", ""], marker: "ytempire-7")
        #expect(tags == ["ytempire-7", "old tower", "abc"])
        let many = ListingText.tags((100..<300).map { "tag \($0)" }, marker: "ytempire-7")
        let counted = many.reduce(many.count - 1) { $0 + $1.count + ($1.contains(" ") ? 2 : 0) }
        #expect(counted <= 500 && counted > 485)
    }
}
