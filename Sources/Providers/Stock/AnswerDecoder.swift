import FoundationEssentials

/// Reads libraries' answers, whose names are written with underscores.
enum AnswerDecoder {
    /// Nil if it is none of this kind.
    static func read<Answer: Decodable>(_: Answer.Type, _ body: [UInt8]) -> Answer? {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try? decoder.decode(Answer.self, from: Data(body))
    }
}
