import Feeds
import Foundation
import Testing

@Suite struct `A text` {
    @Test func `in Markdown gives headings, paragraphs and items, and drops code, tables and addresses`() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.file(
            "story.md",
            """
            ---
            title: "A story: one"
            author: Ann
            date: 2024-05-03
            link: https://example.org/story
            tags: [a, b]
            ---

            An *opening* with **strong** words, `code` and a [link](https://x.example/a_(b)).
            It goes on here.[^1]

            ## Second part ##

            - first *item*
            - second item
              goes on
            1. counted

            ```swift
            let x = 1
            ```

            | a | b |
            |---|---|
            | 1 | 2 |

            > A quotation of 3 * 4 and snake_case.

            <!-- hidden -->
            <div>Some <b>HTML</b>.</div>

                code

            Setext
            ------
            See <https://example.org> &amp; [ref][r].

            [r]: https://example.org/r
            [^1]: A note.
            """)
        let feed = try await FeedReader().read(path)
        let item = try #require(feed.items.first)
        #expect(item.title == "A story: one" && item.author == "Ann" && item.link == "https://example.org/story")
        #expect(item.date == Date(timeIntervalSince1970: 1_714_694_400))
        #expect(
            item.body.passages() == [
                Passage(.paragraph, "An opening with strong words, code and a link. It goes on here."),
                Passage(.heading, "Second part"), Passage(.listItem, "first item"),
                Passage(.listItem, "second item goes on"),
                Passage(.listItem, "counted"), Passage(.paragraph, "A quotation of 3 * 4 and snake_case."),
                Passage(.paragraph, "Some HTML."), Passage(.heading, "Setext"), Passage(.paragraph, "See & ref."),
            ])
    }

    @Test func `in Markdown brings its own pictures, if they are files beside it`() async throws {
        let folder = try TemporaryFolder()
        let picture = try folder.file("pictures/a b.png", "png")
        let path = try folder.file(
            "story.md",
            "# Title\n\nText. ![A lamp](<pictures/a b.png>) ![gone](none.png) ![web](https://x.example/a.png) ![etc](/etc/passwd.png)\n\n![again](pictures/a%20b.png)\n"
        )
        let item = try #require(try await FeedReader().read(path).items.first)
        #expect(item.title == "Title")
        #expect(
            item.body.passages() == [
                Passage(.paragraph, "Text."), Passage(.picture(file: picture), "A lamp"),
                Passage(.picture(file: picture), "again"),
            ])
    }

    @Test func `in Markdown can't name a picture outside its own folder`() async throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("secret.png", "png")
        let path = try folder.file(
            "stories/story.md", "# Title\n\nText. ![out](../secret.png) ![in](./../secret.png)\n")
        let item = try #require(try await FeedReader().read(path).items.first)
        #expect(item.body.passages() == [Passage(.paragraph, "Text.")])
    }

    @Test func `in a folder is one item a file, dated by its name`() async throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("2024-05-03-second-thoughts.md", "Some text.")
        _ = try folder.file("2024-05-02-first.md", "# First\n\nOther text.")
        _ = try folder.file("notes.txt", "No article.")
        let feed = try await FeedReader().read(folder.path)
        #expect(feed.items.map(\.title) == ["First", "second thoughts"])
        #expect(feed.items.map { $0.date?.timeIntervalSince1970 } == [1_714_608_000, 1_714_694_400])
    }

    @Test func `without markup has paragraphs and a title`() async throws {
        let folder = try TemporaryFolder()
        let feed = try await FeedReader().read(
            folder.file("lamp.txt", "The Lamp\n\nOne line\nand another.\n\nA second paragraph."))
        #expect(feed.format == .text && feed.items[0].title == "The Lamp")
        #expect(feed.items[0].body.passages().map(\.text) == ["One line and another.", "A second paragraph."])
    }

    @Test func `keeps its key until it changes`() async throws {
        let folder = try TemporaryFolder()
        let first = try await FeedReader().read(folder.file("a.md", "# T\n\nText."))
        let same = try await FeedReader().read(folder.file("b.md", "# T\n\nText."))
        let other = try await FeedReader().read(folder.file("a.md", "# T\n\nOther text."))
        #expect(first.items[0].key == same.items[0].key && first.items[0].key != other.items[0].key)
    }

    @Test(arguments: [
        (
            "en",
            [
                "Dr. Smith paid $3.5 million on Jan. 5.", "He left at 5 p.m. on Monday.", "“Why?” she asked.",
                "J. R. Tolkien wrote it.",
            ]
        ),
        (
            "en",
            [
                "He lived in the U.S. for years.", "The U.S. Army said no.", "Then it left the U.S.",
                "The end came… slowly.", "Wait...", "What?!",
            ]
        ),
        (
            "de",
            [
                "Am 3. Oktober 1990 war es so weit.", "Das gilt z. B. für Öl, d. h. für Fett.",
                "Im Jahr 1990 begann es.", "„Nein!“ rief er.", "Dr. Müller kam.",
            ]
        ),
        (
            "fr",
            [
                "M. Dupont est né en 1900.", "« Pourquoi ? » demanda-t-il.", "C'est la fin…",
                "Il partit vers 10 h. env. avec Mme. Curie.",
            ]
        ),
        ("es", ["¿Por qué?", "¡Nunca!", "La Sra. López vive en EE.UU. desde 1990.", "Costó 3.500 pesos."]),
        ("ja", ["これは文です。", "もう一つ。"]),
    ]) func `is split into its sentences`(language: String, sentences: [String]) {
        #expect(
            Sentences(language: language).split(sentences.joined(separator: language == "ja" ? "" : " ")) == sentences)
    }
}
