import Fleet
import Foundation
import Production
import Testing

@Suite struct `A price file` {
    @Test func `tells what items of models cost, for a million units or for so many`() throws {
        let file = try PriceFile(
            yaml: """
                as-of: 2026-11-20
                openai:
                  gpt-4.1: {input_tokens: 2.00, output_tokens: 8}
                elevenlabs:
                  eleven_v3: {characters: 0.30 per 1000}
                """, from: "here")
        #expect(file.list.asOf == "2026-11-20")
        #expect(
            try file.list.price(of: "input_tokens", for: "gpt-4.1", at: "openai").amount(for: 1_000_000) == 2_000_000)
        #expect(try file.list.price(of: "output_tokens", for: "gpt-4.1", at: "openai").amount(for: 1) == 8)
        #expect(try file.list.price(of: "characters", for: "eleven_v3", at: "elevenlabs").amount(for: 10) == 3_000)
        let missing = #expect(throws: StageFailure.self) {
            _ = try file.list.price(of: "input_tokens", for: "gpt-6", at: "openai")
        }
        #expect(missing?.kind == .permanent)
        #expect(missing?.answer.contains("prices.openai.gpt-6.input_tokens") == true)
    }

    @Test func `tells all that is wrong with it at once`() throws {
        let error = #expect(throws: ConfigurationError.self) {
            _ = try PriceFile(
                yaml: """
                    as-of: yesterday
                    openai:
                      a: {input_tokens: free, output_tokens: 0.1234567}
                      b: 3
                    elevenlabs: 7
                    """, from: "prices.yaml")
        }
        #expect(
            error?.problems.map(\.key) == [
                "prices.as-of", "prices.elevenlabs", "prices.openai.a.input_tokens", "prices.openai.a.output_tokens",
                "prices.openai.b",
            ])
        #expect(#expect(throws: ConfigurationError.self) { _ = try PriceFile(yaml: "a: [", from: "x") } != nil)
        let missing = #expect(throws: ConfigurationError.self) { _ = try PriceFile.load("/nowhere/prices.yaml") }
        let words = missing?.problems.map(\.description) ?? []
        #expect(words.count == 1 && words[0].hasPrefix("prices.file /nowhere/prices.yaml: there is no such file; "))
        let folder = #expect(throws: ConfigurationError.self) { _ = try PriceFile.load("/") }
        #expect(folder?.problems.first?.expected == "it can't be read; is it a regular file?")
    }

    @Test func `is old after ninety days`() throws {
        let file = try PriceFile(yaml: "as-of: 2026-02-28", from: "here")
        let day = Date(timeIntervalSince1970: 1_772_236_800)  // 2026-02-28 00:00 UTC
        #expect(file.age(at: day) == 0)
        #expect(file.age(at: day + 86_400 * 91 + 5) == 91)
    }

    @Test func `that is built in can be read`() throws {
        let file = try PriceFile.load(nil)
        #expect(
            file.list.knows(["input_tokens", "cached_input_tokens", "output_tokens"], for: "gpt-5-mini", at: "openai"))
    }
}
