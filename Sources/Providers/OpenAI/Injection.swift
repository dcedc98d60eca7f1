import OfflineScript

/// Finds sentences of a source that speak to language models instead of readers. A feed's author must not be able to give our
/// writer orders, so they are never sent; the prompt's fence and `DraftReview` stand behind this.
enum Injection {
    private static let verbs: Set<String> = [
        "ignore", "disregard", "forget", "override", "bypass", "ignoriere", "ignorieren", "vergiss", "missachte",
        "ignorez", "ignore", "oubliez", "oublie", "ignora", "ignorad", "olvida", "dimentica", "negeer",
    ]
    private static let nouns: [String] = [
        "instruction", "prompt", "guideline", "anweisung", "istruzion", "instruccion", "consigne", "instructie",
        "directive",
    ]
    private static let phrases = [
        "system prompt", "you are chatgpt", "you are an ai", "you are now", "as an ai language model", "<|im_start|>",
        "[inst]", "### instruction", "new instructions:", "developer message", "dear language model", "dear ai",
        "if you are an ai", "if you are a language model", "jailbreak mode", "developer mode",
    ]

    static func speaksToModels(_ sentence: String) -> Bool {
        let lower = sentence.lowercased()
        if phrases.contains(where: lower.contains) { return true }
        let words = lower.split { !$0.isLetter }.map(String.init)
        return words.indices.contains { index in
            verbs.contains(words[index])
                && words[index...].dropFirst().prefix(7).contains { word in nouns.contains { word.hasPrefix($0) } }
        }
    }
}
