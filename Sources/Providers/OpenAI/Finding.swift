/// Something wrong with a draft, in words for the model that wrote it and for a person.
struct Finding: Sendable, Equatable {
    enum Rule: String, Sendable {
        case shape, scenes, length, language, forbidden, markup, facts, limits, leak, sameness
    }

    let rule: Rule
    let words: String

    init(_ rule: Rule, _ words: String) { (self.rule, self.words) = (rule, words) }
}
