import Foundation

/// Writes what a month's channels tell of: articles of fields such as gardens or bridges, no two sentences alike.
struct Newsroom: Sendable {
    /// What can be seen in each field, the commonest first.
    private static let fields: [[String]] = [
        "telescope galaxy planet observatory comet nebula crater satellite eclipse meteor astronaut rocket",
        "garden flower greenhouse tulip orchard hedge meadow beehive compost lawn rose fountain",
        "bridge river arch cable tower viaduct canal pier ferry harbour tunnel crane",
        "kitchen bread oven spice pasta cheese knife market soup vegetable chef butter",
        "forest oak mushroom deer moss trail fern owl cabin stream pine fox",
        "ocean whale reef wave coral shark diver beach seagull sailboat island dolphin",
        "castle knight moat throne banner chapel dungeon courtyard gate drawbridge armour crown",
        "train locomotive station railway carriage signal platform conductor switchyard depot ticket freight",
        "chess board bishop tournament clock pawn rook player queen notebook trophy audience",
        "guitar piano violin drum orchestra concert microphone studio trumpet choir stage speaker",
        "computer keyboard screen server laptop circuit robot cable laboratory engineer chip drone",
        "doctor hospital nurse microscope vaccine syringe patient laboratory pharmacy ambulance skeleton heart",
        "mountain glacier summit climber snow rope tent valley cliff avalanche lodge marmot",
        "football stadium goalkeeper referee jersey crowd whistle penalty coach pitch locker trophy",
        "bicycle helmet wheel pedal workshop cyclist lane mountain chain bell basket race",
        "painter canvas museum brush gallery portrait sculpture easel fresco pigment sketch frame",
        "farmer tractor wheat barn cow harvest windmill fence sheep orchard milk silo",
        "airplane runway pilot cockpit propeller hangar terminal glider balloon radar wing luggage",
        "coffee cafe espresso roaster barista cup bean plantation grinder terrace waiter pastry",
        "desert camel dune oasis caravan cactus canyon nomad sandstorm scorpion well temple",
        "library book manuscript shelf reader librarian printer archive map lamp scroll desk",
        "lighthouse keeper lantern cliff storm shipwreck foghorn staircase lens coast beacon gull",
        "volcano lava ash geologist island crater smoke basalt village steam earthquake ridge",
        "market merchant silk bazaar coin scale carpet lantern basket spice street trader",
    ].map { $0.split(separator: " ").map(String.init) }
    /// What any story may show.
    private static let anywhere = "city people street hands crowd window sunrise office house road clock children"
        .split(separator: " ").map(String.init)
    private static let things = Set(fields.joined()).union(anywhere)

    private static let adjectives =
        "quiet narrow broken wooden ancient crowded silver patient clever heavy famous hidden gentle sturdy modest remarkable ordinary stubborn careful forgotten bright familiar rusty delicate curious steady"
        .split(separator: " ").map(String.init)
    private static let verbs =
        "carried repaired measured replaced surprised followed changed protected sheltered reached outlived described copied rescued supplied challenged guided crossed"
        .split(separator: " ").map(String.init)
    private static let tails =
        [
            "nobody had expected it", "it has worked ever since", "the plan was drawn again", "a letter tells of it",
            "the neighbours came to help", "it took the whole winter", "every visitor asks about it",
            "the old way was given up", "that was only the beginning", "the cost was shared by all",
            "a second attempt went better", "the news spread slowly", "more was learned than was lost",
            "it is still in use", "the reason was found much later", "few believed it at first",
            "the weather had the last word", "the drawings are kept to this day", "someone had to pay for it",
            "the answer was simple in the end", "it made the work lighter", "two of them stayed behind",
        ]
    private static let months =
        "January February March April May June July August September October November December"
        .split(separator: " ").map(String.init)
    private static let units = "metres hours people days tonnes steps years kilometres"
        .split(separator: " ").map(String.init)
    private static let starts = ["Ta", "Mo", "Ver", "Lin", "Os", "Kar", "Bel", "Dra", "Fen", "Hal", "Ri", "Sor", "Um"]
    private static let middles = ["vo", "la", "ren", "mi", "do", "sta", "li", "no", "ga", "be"]
    private static let ends = ["rin", "dal", "wick", "mar", "sen", "ton", "vale", "berg", "lis", "ford"]

    let seed: UInt64

    /// A feed with what the channel has newest: one story for each day so far, the last three of them.
    ///
    /// - Parameter place: of the channel among all.
    func feed(of place: Int, title: String, on day: Int, at date: Date) -> String {
        let items = (max(0, day - 2)...day).reversed().map { day -> String in
            let article = article(of: place, on: day)
            let published = date - Double((article.day == day ? 1 : 25) * 3_600)
            return """
                <item><guid>story-\(place)-\(article.day)</guid><title>\(article.title)</title>
                <link>https://stories.example/\(place)/\(article.day)</link>
                <pubDate>\(Self.mailDate(published))</pubDate>
                <description><![CDATA[\(article.paragraphs.map { "<p>\($0)</p>" }.joined())]]></description></item>
                """
        }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <rss version="2.0"><channel><title>\(title)</title><link>https://stories.example/\(place)/</link>
            <description>Stories</description>
            \(items.joined(separator: "\n"))
            </channel></rss>
            """
    }

    private func article(of place: Int, on day: Int) -> (title: String, day: Int, paragraphs: [String]) {
        var dice = Dice(seed, "article \(place) \(day)")
        let field = Self.fields[place % Self.fields.count]
        let name = Self.name(&dice)
        let title = "The \(dice.pick(Self.adjectives)) \(dice.favourite(field)) of \(name)"
        let paragraphs = (0..<7).map { _ in
            (0..<5).map { _ in Self.sentence(field, name, &dice) }.joined(separator: " ")
        }
        return (title, day, paragraphs)
    }

    private static func name(_ dice: inout Dice) -> String {
        dice.pick(starts) + dice.pick(middles) + dice.pick(ends)
    }

    private static func sentence(_ field: [String], _ home: String, _ dice: inout Dice) -> String {
        func thing() -> String { dice.falls(0.25) ? dice.favourite(anywhere) : dice.favourite(field) }
        let (one, two) = (thing(), thing())
        let (first, second) = (dice.pick(adjectives), dice.pick(adjectives))
        let (verb, tail, unit) = (dice.pick(verbs), dice.pick(tails), dice.pick(units))
        let (number, year) = (Int.random(in: 3...980, using: &dice), Int.random(in: 1_780...1_990, using: &dice))
        let (month, name) = (dice.pick(months), dice.falls(0.5) ? home : name(&dice))
        return switch Int.random(in: 0..<10, using: &dice) {
        case 0: "In \(month) \(year) a \(first) \(one) \(verb) the \(two) of \(name), and \(tail)."
        case 1: "The \(one) was \(first) and \(number) \(unit) away from \(name), so \(tail)."
        case 2: "When the \(second) \(two) \(verb) \(name), its \(one) was \(first), but \(tail)."
        case 3: "After \(number) \(unit) the \(first) \(one) of \(name) \(verb) a \(two), though \(tail)."
        case 4: "People in \(name) say that the \(two) \(verb) their \(second) \(one) in \(year)."
        case 5: "Behind the \(first) \(one) stood a \(second) \(two) with \(number) \(unit) to go, and \(tail)."
        case 6: "For \(number) \(unit) nothing but a \(first) \(two) \(verb) the \(one), while \(tail)."
        case 7: "A \(second) \(one) from \(name) had been \(first) since \(month), because \(tail)."
        case 8: "By \(year) every \(two) near \(name) was \(second), and the \(one) \(verb) \(number) \(unit)."
        default: "It was the \(first) \(two), not the \(one), that \(verb) \(name) in \(month), as \(tail)."
        }
    }

    /// What a writer would look for to show what is said: two things that can be seen, as they are named; and often a second search.
    static func searches(for narration: String) -> [String] {
        var found: [String] = []
        for word in narration.lowercased().split(whereSeparator: { !$0.isLetter }).map(String.init)
        where things.contains(word) && !found.contains(word) {
            found.append(word)
        }
        guard let first = found.first else { return ["landscape"] }
        let pairs = [found.dropFirst().first.map { "\(first) \($0)" } ?? first] + found.dropFirst(2).prefix(1)
        return pairs
    }

    private static func mailDate(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss '+0000'"
        return formatter.string(from: date)
    }
}
