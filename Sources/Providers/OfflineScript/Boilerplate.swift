/// Lines that web pages put around their articles.
enum Boilerplate {
    private static let paragraphs = [
        "read more", "continue reading", "read the rest", "click here", "share this", "related:", "see also",
        "subscribe", "sign up",
        "photo:", "image:", "credit:", "photo by", "image by", "image credit", "advertisement", "comments", "follow us",
        "tags:",
        "filed under", "originally published", "all rights reserved", "copyright", "©", "table of contents",
        "weiterlesen", "mehr lesen", "foto:", "bild:", "quelle:", "anzeige", "newsletter", "lire la suite", "crédit",
        "photo :",
        "leer más", "seguir leyendo", "fuente:", "publicidad", "suscríbete",
    ]
    private static let sentences = [
        "appeared first on", "click here", "read more", "subscribe to", "sign up for", "follow us on", "this post",
        "cookie",
        "our newsletter", "javascript",
    ]

    /// A whole paragraph that is none of the story. Only short ones: a story may begin with the same words.
    static func isParagraph(_ text: String) -> Bool {
        let lower = text.prefix(60).lowercased()
        if text.lowercased().contains("appeared first on") { return true }
        return text.count < 160 && paragraphs.contains { lower.hasPrefix($0) }
    }

    static func isSentence(_ text: String) -> Bool {
        let lower = text.lowercased()
        return text.count < 200 && sentences.contains { lower.contains($0) }
    }
}
