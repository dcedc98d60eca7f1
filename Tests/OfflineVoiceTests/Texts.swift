/// Texts as channels have them.
enum Texts {
    static let english = [
        "In 1969, two people walked on the Moon for the first time. Half a billion others watched them do it, on screens that flickered in grey and white.",
        "The computer that took them there had 4,096 words of memory, and ran at about one megahertz. A modern phone is 100,000 times faster — and yet nobody has flown it to the Moon.",
        "Its software was woven by hand. Dr. Hamilton's team wrote the code, and workers in a factory threaded copper wires through tiny magnetic rings, one for each bit. A wire through the ring meant one; a wire around it meant zero.",
        "Did it work? It did. Three minutes before landing an alarm went off, because the radar had flooded the machine with data. It threw away what mattered least, and kept flying.",
        "That idea is still with us. When a system can't do everything, it should do the most important thing first.",
    ]
    static let german = [
        "Im Jahr 1969 betraten zum ersten Mal zwei Menschen den Mond. Eine halbe Milliarde andere sahen ihnen dabei zu, auf Bildschirmen, die grau und weiß flimmerten.",
        "Der Rechner, der sie dorthin brachte, hatte einen Speicher von 4.096 Wörtern und lief mit etwa einem Megahertz. Ein Handy von heute ist hunderttausendmal schneller, aber niemand ist damit zum Mond geflogen.",
        "Seine Programme waren von Hand gewebt. Frau Dr. Hamilton und ihre Leute schrieben den Code, und Arbeiterinnen in einer Fabrik fädelten Kupferdraht durch winzige Ringe, z. B. einen für jedes Bit.",
        "Hat das funktioniert? Ja! Drei Minuten vor der Landung gab es einen Alarm, weil das Radar die Maschine mit Daten überflutete. Sie warf weg, was am wenigsten zählte, und flog weiter.",
    ]
    static let french = [
        "En 1969, deux hommes marchèrent sur la Lune pour la première fois. L'ordinateur qui les y emmena n'avait presque pas de mémoire.",
        "Aujourd'hui, un téléphone est cent mille fois plus rapide. Mais est-ce qu'il irait jusqu'à la Lune ? Sans doute pas.",
    ]
    static let spanish = [
        "En 1969, dos hombres caminaron por la Luna por primera vez. El ordenador que los llevó allí apenas tenía memoria.",
        "¿Funcionó? ¡Claro que sí! Tres minutos antes de aterrizar sonó una alarma, pero la nave siguió volando hacia la Luna.",
    ]
    /// Each holds something that a voice or a token count stumbles over.
    static let nasty = [
        "1969 3.5 4,096 isn't Dr. Smith's — really — “quoted” 🎉 Über-cool!",
        "Costs $3.5 million, €5, £1 or 100% of 20°C at 10:05; AT&T & C++ = fun.",
        "See https://example.com/a/b?c=d#e, www.swift.org or ada@example.org (now).",
        "🎉 🎉 🎉", "—", "... !!! ???", "a", "I", "<speak>&amp;</speak> <break time=\"9s\"/>",
        "مرحبا بالعالم hello Привет мир 你好世界 こんにちは", "control \u{0} \u{1B}[31m \u{7} chars\u{202E} and\u{200B}zero",
        "snake_case path/to/file C:\\temp *bold* `code` ~x~ #tag #5 v1.2.3 -5 1990–2000 1990s ½ 1/2 2026-11-21",
        "👩‍👩‍👧‍👦 family 1️⃣ keycap e\u{301}\u{301}\u{301} combining ﷺ ligature ™ ® © § ° % & @ + =",
        "Mr. and Mrs. U.S. e.g. i.e. etc. J. S. Bach. Node.js. End",
    ]
}
