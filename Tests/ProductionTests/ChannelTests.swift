import FoundationEssentials
import Production
import Testing

@Suite struct `A channel rotation` {
    private func channel(_ id: Int64, served: Double?, _ state: Channel.State = .active) -> Channel {
        Channel(
            id: Channel.ID(id), user: User.ID(1), name: "c\(id)", slug: "c\(id)", source: "/feed", language: "en",
            voice: nil, orientation: .landscape, palette: .ocean, length: 90, dailyAt: .midnight, review: false,
            state: state, lastServed: served.map(Date.init(timeIntervalSince1970:)))
    }

    @Test func `takes the never served first, then the least recently served, equal ones as they were added`() {
        let rotation = ChannelRotation([
            channel(5, served: 200), channel(4, served: 100), channel(3, served: nil), channel(2, served: 100),
            channel(1, served: nil),
        ])
        #expect(rotation.order.map(\.id.rawValue) == [1, 3, 2, 4, 5])
        #expect(rotation.next?.id == Channel.ID(1))
    }

    @Test func `passes over paused and removed ones`() {
        let rotation = ChannelRotation([
            channel(1, served: nil, .paused), channel(2, served: nil, .removed), channel(3, served: 5),
        ])
        #expect(rotation.order.map(\.id.rawValue) == [3])
        #expect(ChannelRotation([channel(1, served: nil, .paused)]).next == nil)
        #expect(ChannelRotation([]).next == nil)
    }

    @Test func `serves all in turn when each is served as it comes`() {
        var channels = (1...3).map { channel($0, served: nil) }
        var turns: [Int64] = []
        for day in 1...7 {
            guard let next = ChannelRotation(channels).next else { break }
            turns.append(next.id.rawValue)
            channels = channels.map { $0.id == next.id ? channel($0.id.rawValue, served: Double(day)) : $0 }
        }
        #expect(turns == [1, 2, 3, 1, 2, 3, 1])
    }
}

@Suite struct `A slug` {
    @Test(arguments: [
        ("Space News", "space-news"), ("  Łódź & Zürich!  ", "lodz-zuerich"), ("Bob's \u{2019}n' more", "bobs-n-more"),
        ("../../etc/passwd", "etc-passwd"), ("a\0b", "a-b"), ("a\r\nb", "a-b"), ("-rf /", "rf"), ("ÀÉ", "ae"),
        ("Cafe\u{301}", "cafe"), ("İstanbul", "istanbul"), ("1️⃣ First", "1-first"), ("q\u{303}x", "qx"),
        ("a\u{200D}b", "ab"), ("ＡＢＣ one", "one"), ("x²", "x"), ("'; DROP TABLE users; --", "drop-table-users"),
        ("%2e%2e", "2e-2e"), ("CON", "con"), ("Straße", "strasse"), ("a--b", "a-b"), ("🚀 go 🚀", "go"),
    ])
    func `is safe and readable`(name: String, expected: String) {
        #expect(slug(from: name) == expected)
    }

    @Test(arguments: ["", " ", "---", "日本語", "🚀", "'", "²", "..", "/", "\u{202E}"])
    func `is nothing when no letter is left`(name: String) {
        #expect(slug(from: name) == nil)
    }

    @Test func `is at most sixty characters and ends in none but a letter or digit`() {
        #expect(slug(from: String(repeating: "a", count: 500)) == String(repeating: "a", count: 60))
        #expect(slug(from: String(repeating: "ä", count: 500))?.count == 60)
        #expect(slug(from: String(repeating: "a", count: 59) + " b") == String(repeating: "a", count: 59))
    }

    @Test func `holds nothing but ASCII letters, digits and single hyphens, whatever the name`() {
        var dice = Dice(seed: 3)
        let alphabet = Array("aZ9- '’./\\\0\n\tİıßäłq\u{303}\u{20E3}\u{FE0F}\u{200D}１²½日🚀🇩🇪\u{202E}%;\"").map(
            String.init)
        for _ in 0..<3_000 {
            let name = (0..<Int.random(in: 0..<80, using: &dice)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &dice)]
            }.joined()
            guard let slug = slug(from: name) else { continue }
            #expect(slug.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil, "\(name.debugDescription) gave \(slug)")
            #expect(slug.count <= 60)
        }
    }
}

@Suite struct `A time of day` {
    @Test(arguments: [
        ("0:00", 0, 0, "00:00"), ("9:05", 9, 5, "09:05"), ("09:05", 9, 5, "09:05"), ("23:59", 23, 59, "23:59"),
        ("07:30:00", 7, 30, "07:30"), ("07:30:59.25", 7, 30, "07:30"),
    ])
    func `is read as people and Postgres write it`(text: String, hour: Int, minute: Int, printed: String) {
        let time = TimeOfDay(text)
        #expect(time == TimeOfDay(hour: hour, minute: minute))
        #expect(time?.description == printed)
    }

    @Test(arguments: [
        "", ":", "9", "9:5", "24:00", "12:60", "-1:00", "+1:00", "1:+5", "1:-5", "012:00", "12:00:00:00", "12:00:xx",
        "12.00",
        "9 :00", "noon", "９:００", "12:00:",
    ])
    func `is nothing else`(text: String) {
        #expect(TimeOfDay(text) == nil)
    }

    @Test func `is ordered by the clock`() throws {
        let times = ["00:00", "00:59", "01:00", "09:30", "10:00", "23:59"].compactMap { TimeOfDay($0) }
        #expect(times.shuffled().sorted() == times)
        #expect(TimeOfDay.midnight == times.first)
        #expect(TimeOfDay(hour: 24, minute: 0) == nil)
        #expect(TimeOfDay(hour: 0, minute: -1) == nil)
    }
}
