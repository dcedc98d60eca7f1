import Production
import Speech
import Testing

@testable import OfflineVoice

@Suite struct `A pronunciation` {
    /// What is said, tokens parted by bars.
    private func said(_ text: String, _ language: String = "en") -> String {
        let letters: Pronunciation.Letters = language == "en" ? .ascii : language == "ru" ? .all : .latin
        return Pronunciation(language: language, letters: letters).words(for: spokenTokens(of: text))
            .map { $0.map { $0.text + ($0.pause.map { String($0.rawValue) } ?? "") }.joined(separator: " ") }
            .joined(separator: "|")
    }

    @Test func `leaves words and plain numbers alone`() {
        #expect(said("In 1969, 4,096 isn't 3.5.") == "In|1969,|4,096|isn't|3.5.")
    }

    @Test func `names money, with the scale that follows it`() {
        #expect(said("$5 €1 £3.5 million, and 7€.") == "5 dollars|1 euro|3.5|million pounds,|and|7 euros.")
    }

    @Test func `names signs`() {
        #expect(
            said("100% AT&T C++ 20°C -5 #5 & @ada")
                == "100 percent|AT and T|C plus plus|20 degrees Celsius|minus 5|number 5|and|at ada")
        #expect(said("4,096.50 10:05 1990–2000") == "4096.50|10 oh 5|1990 to 2000")
    }

    @Test func `says an address's host`() {
        #expect(
            said("https://www.example-site.com/a?b=c, (ada.l@example.org) Node.js")
                == "example site dot com,|ada l at example dot org|Node dot js")
        #expect(said("https://example.de:8080/x", "de") == "example Punkt de")
    }

    @Test func `turns dashes into pauses`() {
        #expect(said("one — two—three – four") == "one,||two, three,||four")
    }

    @Test func `says nothing for emoji, quotes and invisible characters`() {
        #expect(said("“Hi” 🎉 👩‍👩‍👧‍👦 a\u{200B}b\u{0} *bold* ™") == "Hi|||ab|bold|")
    }

    @Test func `spells abbreviations out`() {
        #expect(said("Dr. Smith's e.g. etc.") == "Doctor|Smith's|for example|et cetera.")
        #expect(said("Dr. Müller z.B. 5 Mio.", "de") == "Doktor|Müller|zum Beispiel|5|Millionen.")
        #expect(said("so z. B. hier", "de") == "so|zum|Beispiel|hier")
    }

    @Test func `writes foreign letters in those of the voice`() {
        #expect(said("Über Привет") == "Uber|Privet")
        #expect(said("Über Привет", "de") == "Über|Privet")
        #expect(said("Über Привет", "ru") == "Über|Привет")
        #expect(!said("مرحبا").isEmpty)
    }

    @Test func `cuts an endless run`() {
        #expect(said(String(repeating: "x", count: 10_000), "de").count == 100)
    }
}

@Suite struct `Sentence breaks` {
    private func sentences(_ text: String, _ language: String = "en") -> [String] {
        let tokens = spokenTokens(of: text)
        return SentenceBreaks(language: language).sentences(in: tokens).map { tokens[$0].joined(separator: " ") }
    }

    @Test func `come after full stops, questions and exclamations, also inside quotes`() {
        #expect(sentences("It did. “Why?” Because! So") == ["It did.", "“Why?”", "Because!", "So"])
    }

    @Test func `do not come after titles, initials and ordinals`() {
        #expect(
            sentences("Dr. Smith met J. S. Bach. Then she left.") == ["Dr. Smith met J. S. Bach.", "Then she left."])
        #expect(sentences("Am 3. Oktober war es so. Ja.", "de") == ["Am 3. Oktober war es so.", "Ja."])
        #expect(sentences("It cost 5. Then 6.") == ["It cost 5.", "Then 6."])
    }

    @Test func `cut what is too long, at a comma if there is one`() {
        let words = (1...120).map { $0 == 40 ? "w," : "w" }.joined(separator: " ")
        let counts = sentences(words).map { $0.split(separator: " ").count }
        #expect(counts == [40, 50, 30])
    }
}
