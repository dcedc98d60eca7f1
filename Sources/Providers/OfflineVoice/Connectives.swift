/// The little words that written signs between words stand for. Where we don't know a language's own, a pause must do.
struct Connectives: Sendable {
    /// In an address.
    let dot: String?
    let at: String?
    /// Between two numbers, written as an en dash.
    let upTo: String?

    init(language: String) {
        (dot, at, upTo) =
            switch language.primarySubtag {
            case "en": ("dot", "at", "to")
            case "de": ("Punkt", "ät", "bis")
            case "fr": ("point", "arobase", "à")
            case "es": ("punto", "arroba", "a")
            case "it": ("punto", "chiocciola", "a")
            case "pt": ("ponto", "arroba", "a")
            case "nl": ("punt", "apenstaartje", "tot")
            default: (nil, nil, nil)
            }
    }
}
