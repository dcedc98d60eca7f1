/// What abbreviations with a dot stand for, in the languages that we know them in.
struct Abbreviations {
    /// By the abbreviation in lower case, with its dots.
    private let expansions: [String: String]
    /// Those that also stand at the end of a sentence; all others never end one.
    private let closing: Set<String>

    init(language: String) {
        expansions = Self.byLanguage[language.primarySubtag] ?? [:]
        closing = ["etc.", "usw.", "inc.", "ltd.", "co.", "jr.", "sr.", "a.m.", "p.m.", "u.s.", "u.k.", "st."]
    }

    /// The words to say, or nil if the token is no abbreviation.
    ///
    /// - Parameter token: without brackets and quotes, but with its dots.
    func expansion(of token: Substring) -> String? { expansions[token.lowercased()] }

    /// The words to say for an abbreviation that is written with a blank, one for each of its tokens; nil for all others.
    func expansion(of first: Substring, _ second: Substring) -> (String, String)? {
        switch (first.lowercased(), second.lowercased()) {
        case ("z.", "b."): ("zum", "Beispiel")
        case ("d.", "h."): ("das", "heißt")
        case ("u.", "a."): ("unter", "anderem")
        case ("v.", "a."): ("vor", "allem")
        case ("p.", "ex."): ("par", "exemple")
        case ("p.", "ej."): ("por", "ejemplo")
        case ("e.", "g."): ("for", "example")
        case ("i.", "e."): ("that", "is")
        default: nil
        }
    }

    func isInsideSentence(_ token: Substring) -> Bool {
        let bare = token.drop { !$0.isLetter }.lowercased()
        return expansions[bare] != nil && !closing.contains(bare)
    }

    private static let byLanguage: [String: [String: String]] = [
        "en": [
            "dr.": "Doctor", "mr.": "Mister", "mrs.": "Missus", "ms.": "Miz", "prof.": "Professor", "st.": "Saint",
            "jr.": "Junior", "sr.": "Senior", "gen.": "General", "sen.": "Senator", "rep.": "Representative",
            "gov.": "Governor", "capt.": "Captain", "sgt.": "Sergeant", "lt.": "Lieutenant", "mt.": "Mount",
            "e.g.": "for example", "i.e.": "that is", "etc.": "et cetera", "vs.": "versus", "cf.": "compare",
            "approx.": "approximately", "ca.": "circa", "dept.": "department", "est.": "established", "fig.": "figure",
            "inc.": "Incorporated", "ltd.": "Limited", "co.": "Company", "a.m.": "A M", "p.m.": "P M", "u.s.": "U S",
            "u.k.": "U K", "jan.": "January", "feb.": "February", "aug.": "August", "sept.": "September",
            "oct.": "October", "nov.": "November", "dec.": "December",
        ],
        "de": [
            "dr.": "Doktor", "prof.": "Professor", "hr.": "Herr", "fr.": "Frau", "nr.": "Nummer", "st.": "Sankt",
            "z.b.": "zum Beispiel", "d.h.": "das heißt", "u.a.": "unter anderem", "usw.": "und so weiter",
            "etc.": "et cetera", "bzw.": "beziehungsweise", "ca.": "circa", "vgl.": "vergleiche", "evtl.": "eventuell",
            "ggf.": "gegebenenfalls", "mio.": "Millionen", "mrd.": "Milliarden", "abb.": "Abbildung", "str.": "Straße",
            "inkl.": "inklusive", "sog.": "sogenannte", "v.a.": "vor allem",
        ],
        "fr": [
            "m.": "Monsieur", "mm.": "Messieurs", "dr.": "Docteur", "p.ex.": "par exemple", "etc.": "et cetera",
            "env.": "environ", "av.": "avant", "apr.": "après", "st.": "Saint",
        ],
        "es": [
            "sr.": "Señor", "sra.": "Señora", "srta.": "Señorita", "dr.": "Doctor", "dra.": "Doctora", "ud.": "usted",
            "uds.": "ustedes", "p.ej.": "por ejemplo", "etc.": "etcétera", "núm.": "número",
            "aprox.": "aproximadamente",
        ],
    ]
}
