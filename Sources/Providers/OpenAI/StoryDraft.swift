import FoundationEssentials

/// What a model is asked to write: the part of a storyboard that takes a writer.
struct StoryDraft: Sendable, Equatable, Codable {
    struct Scene: Sendable, Equatable, Codable {
        var heading: String
        var kind: String
        var narration: String
        /// What to look for in picture libraries, in English; the first is shown first.
        var search: [String]
    }

    var description: String
    var scenes: [Scene]
    var tags: [String]
    var title: String

    /// All that is said.
    var spoken: String { scenes.map(\.narration).joined(separator: "\n") }

    /// Of a model's text. Small models put fences or their thoughts around what they were asked for.
    ///
    /// - Throws: `Misshapen`
    init(_ text: String) throws(Misshapen) {
        let inner = text.ranges(of: "</think>").last.map { text[$0.upperBound...] } ?? text[...]
        guard let start = inner.firstIndex(of: "{"), let end = inner.lastIndex(of: "}"), start < end else {
            throw Misshapen(words: "it is not a JSON object")
        }
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(inner[start...end].utf8))
        } catch {
            throw Misshapen(words: Self.words(error))
        }
    }

    struct Misshapen: Error { let words: String }

    private static func words(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, let context): "“\(key.stringValue)” is missing\(place(context))"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "a value is of the wrong type\(place(context))"
        default: "it can't be read as JSON"
        }
    }

    private static func place(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
        return path.isEmpty ? "" : " in \(path.joined(separator: "."))"
    }

    static let schemaName = "script"

    /// Within OpenAI's strict subset: every object closed, every property required, no bounds of numbers or lengths. Those are
    /// checked on our side.
    static let schema: JSONValue = object(
        [
            "description": text("Two to four sentences for the video's description. No links."),
            "scenes": list(of: scene, nil),
            "tags": list(of: string, "Five to twelve words or short phrases people search for."),
            "title": text("At most 90 characters."),
        ], "A script.")

    private static let scene: JSONValue = object(
        [
            "heading": text("At most six words shown on the picture; empty for none."),
            "kind": .object(["type": .string("string"), "enum": .array(kinds)]),
            "narration": text("What is said: plain sentences."),
            "search": list(
                of: string,
                "One or two searches for stock pictures, each two to five English words for something visible."),
        ], "One picture and what is said to it.")

    private static let kinds: [JSONValue] = [.string("opening"), .string("body"), .string("closing")]
    private static let string: JSONValue = .object(["type": .string("string")])

    private static func list(of items: JSONValue, _ meaning: String?) -> JSONValue {
        var list: [String: JSONValue] = ["type": .string("array"), "items": items]
        if let meaning { list["description"] = .string(meaning) }
        return .object(list)
    }

    private static func text(_ meaning: String) -> JSONValue {
        .object(["type": .string("string"), "description": .string(meaning)])
    }

    private static func object(_ properties: [String: JSONValue], _ meaning: String) -> JSONValue {
        .object([
            "type": .string("object"), "description": .string(meaning), "properties": .object(properties),
            "required": .array(properties.keys.sorted().map { .string($0) }), "additionalProperties": .boolean(false),
        ])
    }
}
