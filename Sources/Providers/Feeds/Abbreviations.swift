/// Words that a full stop follows without ending the sentence, in lower case without that stop.
enum Abbreviations {
    static let general: Set<String> = [
        "dr", "prof", "mr", "mrs", "ms", "st", "vs", "cf", "approx", "ca", "al", "eds", "cit", "ph.d",
    ]

    /// Only in front of a number: "no. 4", but not "He said no."
    static let beforeNumbers: Set<String> = [
        "no", "nos", "nr", "núm", "vol", "fig", "pp", "p", "pág", "art", "sec", "ch", "chap", "cap", "kap", "bd", "abs",
        "max", "min",
        "op", "ed", "n",
    ]

    static let byLanguage: [String: Set<String>] = [
        "en": [
            "jr", "sr", "gen", "col", "lt", "sgt", "capt", "cmdr", "adm", "rev", "hon", "gov", "sen", "rep", "pres",
            "mt", "ft",
            "e.g", "i.e", "viz", "dept", "univ", "assn", "bros", "messrs", "jan", "feb", "aug", "sept", "oct", "nov",
            "dec",
            "esp", "incl",
        ],
        "de": [
            "hr", "fr", "dipl", "ing", "z", "b", "z.b", "d.h", "d", "h", "u", "a", "u.a", "s", "o.ä", "bzw", "bspw",
            "evtl",
            "ggf", "inkl", "mio", "mrd", "str", "tel", "vgl", "sog", "geb", "gest", "jh", "jhd", "jhdt", "hl",
            "ff", "v.a", "i.d.r", "u.u", "m.e", "v", "chr", "n", "jan", "feb", "aug",
            "sept", "okt", "nov", "dez", "rd",
        ],
        "fr": [
            "m", "mm", "mme", "mlle", "me", "mgr", "av", "bd", "ex", "env", "janv", "févr", "juil", "sept",
            "oct", "nov", "déc", "apr", "j.-c", "p.ex", "c.-à-d",
        ],
        "es": [
            "sr", "sra", "srta", "d", "dña", "ud", "uds", "vd", "ej", "p.ej", "págs", "tel", "av",
            "avda", "lic", "ing", "gral", "c", "a.c", "d.c", "ee.uu", "aprox",
        ],
        "it": ["sig", "sig.ra", "sigg", "dott", "dott.ssa", "ing", "avv", "es", "p.es", "pag", "sec", "a.c", "d.c"],
        "pt": ["sr", "sra", "d", "dra", "eng", "av", "ex", "p.ex", "séc", "a.c", "d.c"],
        "nl": [
            "dhr", "mevr", "mw", "drs", "ir", "ing", "mr", "bijv", "bv", "d.w.z", "o.a", "m.a.w", "blz", "jl", "v.chr",
            "n.chr",
        ],
    ]

    /// Words that begin a sentence far more often than they follow an abbreviation.
    static let sentenceStarters: [String: Set<String>] = [
        "en": [
            "the", "a", "an", "it", "in", "he", "she", "they", "we", "but", "and", "this", "that", "these", "those",
            "when", "if",
            "for", "at", "on", "by", "as", "after", "before", "there", "today", "however", "its", "his", "their",
            "with", "most",
            "some", "many", "all", "no", "not", "then", "so", "since", "while", "one", "two",
        ],
        "de": [
            "der", "die", "das", "ein", "eine", "es", "er", "sie", "wir", "in", "im", "aber", "und", "dies", "diese",
            "dieser",
            "wenn", "als", "auf", "mit", "nach", "vor", "heute", "doch", "so", "dann", "bei", "seit", "für", "dort",
            "damals",
        ],
        "fr": [
            "le", "la", "les", "un", "une", "il", "elle", "ils", "elles", "on", "en", "dans", "mais", "ce", "cette",
            "ces", "cela",
            "quand", "si", "pour", "à", "après", "avant", "aujourd’hui", "aujourd'hui", "au", "aux", "des", "depuis",
        ],
        "es": [
            "el", "la", "los", "las", "un", "una", "en", "pero", "este", "esta", "estos", "cuando", "si", "para", "a",
            "al",
            "después", "antes", "hoy", "desde", "con", "por", "es", "se",
        ],
    ]
}
