import FleetPeers
import Foundation
import Postgres
import Production
import ProviderPeers
import SpeechPeers
import TestServers
import Testing

extension EndToEnd {
    @Suite struct `A fleet on real providers' protocols` {
        private let day = "2026-03-02"

        @Test func `publishes at YouTube, with a ledger that agrees with every bill`() async throws {
            try await FleetPeers.with { peers in
                peers.youTube.makePlaylist("PL-nature")
                try await ConnectedFleet.with(peers) { connected in
                    let fleet = connected.fleet
                    try await fleet.addUser(
                        "anna", channel: "Sea", source: fleet.source("lighthouse.md", Articles.lighthouse),
                        "--privacy", "unlisted", "--made-for-kids", "--synthetic-media", "--category", "27",
                        "--playlist", "PL-nature", "--upload-captions")
                    try await fleet.addUser(
                        "ben", channel: "Tides", source: fleet.source("tides.md", Articles.tides), "--orientation",
                        "portrait")
                    let said = try await connected.connect("main", "--playlists", "--captions")
                    #expect(said.contains("main is connected to ") && said.contains("ssh -L "), "\(said)")
                    for (user, channel) in [("anna", "Sea"), ("ben", "Tides")] {
                        try await fleet.succeed("account", "assign", "main", user, channel)
                    }
                    try await fleet.open(day)
                    try fleet.startAll()
                    let watch = try await fleet.run("job", "watch", "--day", day)
                    #expect(watch.status == 0, "\(watch)\n\(fleet.logs)")

                    let (anna, ben) = (try await fleet.job("anna", day), try await fleet.job("ben", day))
                    try await checkVideos(of: connected, anna: anna, ben: ben)
                    try await checkBills(of: connected)
                    try await checkCommands(of: connected, anna: anna)
                }
            }
        }

        private func checkVideos(of connected: ConnectedFleet, anna: Int64, ben: Int64) async throws {
            let (fleet, youTube) = (connected.fleet, connected.peers.youTube)
            #expect(youTube.videos.count == 2 && youTube.inserts == 2 && youTube.complaints == [])
            for (job, privacy, kids) in [(anna, "unlisted", true), (ben, "private", false)] {
                let story = try await connected.told("job", "show", "\(job)")
                let told = try #require(story["job"] as? [String: Any], "\(story)")
                #expect(told["state"] as? String == "published")
                let shown = try await fleet.succeed("job", "show", "\(job)")
                #expect(shown.words.contains("verified as \(privacy)"), "what was read back is told: \(shown)")
                let location = try #require(told["location"] as? String)
                let video = try #require(youTube.videos.first { location.hasSuffix($0.id) }, "\(location)")
                #expect(video.channel == "UC-demo" && video.snippet.title == told["title"] as? String)
                #expect(
                    video.snippet.defaultLanguage == "en" && video.snippet.tags?.contains("ytempire-\(job)") == true)
                #expect(video.status.privacyStatus == privacy && video.status.publishAt == nil)
                #expect(video.status.selfDeclaredMadeForKids == kids && video.status.containsSyntheticMedia == kids)
                #expect(youTube.thumbnails[video.id] ?? 0 > 1_000)
                // The whole file, and none of it twice.
                let made = try await fleet.texts(
                    "SELECT encode(sha256, 'hex') FROM job_artifacts WHERE job_id = \(job) AND kind = 'video'")
                #expect([video.sha256] == made)
                let description = try #require(video.snippet.description)
                let footage = try await fleet.number("SELECT count(*) FROM stock_uses WHERE job_id = \(job)")
                #expect(
                    footage > 0 && description.contains("Pexels") && description.contains("Peer "), "\(description)")
            }
            let unlisted = try #require(youTube.videos.first { $0.status.privacyStatus == "unlisted" })
            #expect(unlisted.snippet.categoryId == "27" && youTube.playlist("PL-nature") == [unlisted.id])
            #expect(youTube.captions.count == 1 && youTube.captions.allSatisfy { $0.hasPrefix("\(unlisted.id) en ") })
            #expect(youTube.transfers.allSatisfy { $0.again == 0 })
        }

        /// What the providers have counted themselves, and what the ledger says was paid to them.
        private func checkBills(of connected: ConnectedFleet) async throws {
            let (fleet, peers) = (connected.fleet, connected.peers)
            let bill = peers.chat.bill
            #expect(bill.calls == 2)
            func paid(_ provider: String, _ item: String) async throws -> [Int64] {
                let row = try #require(
                    try await fleet.rows(
                        """
                        SELECT COALESCE(sum(quantity), 0)::bigint, COALESCE(sum(amount), 0)::bigint FROM cost_rows
                         WHERE provider = \(provider) AND item = \(item) AND NOT in_doubt
                        """
                    ).first)
                return try [row.get(0), row.get(1)]
            }
            let plain = try await paid("openai", "input_tokens")
            let cached = try await paid("openai", "cached_input_tokens")
            let written = try await paid("openai", "output_tokens")
            #expect(plain[0] + cached[0] == bill.promptTokens && cached[0] == bill.cachedTokens)
            #expect(written[0] == bill.completionTokens && plain[1] + cached[1] + written[1] == bill.amount)
            let spoken = Int64(peers.speaker.creditsBilled)
            // Its price in the built-in list: 0.30 USD for 1,000 characters, which is 300 micro-dollars for one.
            #expect(spoken > 0)
            #expect(try await paid("elevenlabs", "characters") == [spoken, spoken * 300])
            #expect(try await fleet.number("SELECT count(*) FROM cost_rows WHERE in_doubt") == 0)
            #expect(try await fleet.number("SELECT count(*) FROM reservations WHERE state = 'open'") == 0)
            #expect(try await fleet.number("SELECT sum(held)::bigint FROM counters") == 0)
        }

        private func checkCommands(of connected: ConnectedFleet, anna: Int64) async throws {
            let (fleet, peers) = (connected.fleet, connected.peers)
            let ledger = try await fleet.number(
                "SELECT sum(amount)::bigint FROM cost_rows WHERE job_id = \(anna)")
            let cost = try await connected.told("cost", "job", "\(anna)")
            #expect((cost["totalMicroUSD"] as? NSNumber)?.int64Value == ledger)
            let providers = try await connected.told("cost", "provider")
            let lines = try #require(providers["byProvider"] as? [[String: Any]], "\(providers)")
            let openAI = try #require(lines.first { $0["group"] as? String == "openai" }, "\(lines)")
            #expect((openAI["amountMicroUSD"] as? NSNumber)?.int64Value == peers.chat.bill.amount, "\(openAI)")
            let stock = try #require(providers["stock"] as? [[String: Any]], "\(providers)")
            for what in ["search", "download"] {
                let line = try #require(stock.first { $0["what"] as? String == what }, "\(stock)")
                #expect(line["provider"] as? String == "pexels" && line["made"] as? Int ?? 0 > 0, "\(line)")
            }
            #expect(try await fleet.succeed("cost", "provider", "pexels").out.contains("searches"))
            let show = try await fleet.succeed("job", "show", "\(anna)").out
            for words in ["published", "openai", "elevenlabs", "youtube"] { #expect(show.contains(words), "\(show)") }
            let quotas = try #require(try await connected.told("quota")["quotas"] as? [[String: Any]])
            let uploads = try #require(quotas.first { ($0["bucket"] as? String) == "uploads" }, "\(quotas)")
            #expect(uploads["used"] as? Int == peers.youTube.inserts && uploads["limit"] as? Int == 100)
            let accounts = try await fleet.succeed("account", "list").out
            #expect(
                accounts.contains("main") && accounts.contains("connected") && accounts.contains("anna"), "\(accounts)")
        }

        @Test func `is given its account, and another key for its tokens, while the workers run`() async throws {
            try await FleetPeers.with { peers in
                try await ConnectedFleet.with(peers) { connected in
                    let fleet = connected.fleet
                    try await fleet.addUser(
                        "anna", channel: "Sea", source: fleet.source("lighthouse.md", Articles.lighthouse))
                    try await fleet.addUser(
                        "ben", channel: "Tides", source: fleet.source("tides.md", Articles.tides))
                    try await fleet.open(day)
                    try fleet.startAll()
                    let watch = try await fleet.run("job", "watch", "--day", day)
                    #expect(watch.status != 0 && peers.chat.bill.calls == 0, "nobody publishes for them: \(watch)")
                    let (anna, ben) = (try await fleet.job("anna", day), try await fleet.job("ben", day))
                    let dead = try await fleet.succeed("dead", "list").out
                    let words = dead.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                    let parts = ["2 dead letters, 1 cause.", "ytempire account assign ACCOUNT USER CHANNEL"]
                    for part in parts { #expect(words.contains(part), "\(dead)") }

                    try await connected.connect("main", "--user", "anna", "--channel", "Sea")
                    try await fleet.succeed("job", "retry", "\(anna)")
                    try await eventually { try await fleet.texts(Self.state(of: anna)) == ["published"] }

                    try await fleet.succeed("account", "assign", "main", "ben", "Tides")
                    try await fleet.succeed("secret", "key", "--add")
                    let rotated = try await connected.told("secret", "rotate")
                    #expect(rotated["resealed"] as? Int ?? 0 >= 2, "the refresh and the access token: \(rotated)")
                    // The old key is gone, and the access token worthless: what is left opens with the new one alone.
                    let file = connected.folder.appending(path: "secret-keys")
                    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
                    let keys = lines.filter { $0.hasPrefix("ytempire-key-1:") }
                    try #require(keys.count == 2)
                    try Data((lines.filter { $0 != keys[1] }.joined(separator: "\n") + "\n").utf8).write(to: file)
                    peers.youTube.expireTokens()
                    try await fleet.succeed("job", "retry", "\(ben)")
                    try await eventually { try await fleet.texts(Self.state(of: ben)) == ["published"] }
                    #expect(peers.youTube.videos.count == 2 && peers.youTube.inserts == 2)
                }
            }
        }

        private static func state(of job: Int64) -> SQL { "SELECT state FROM jobs WHERE id = \(job)" }

        @Test func `stops at once, with the call that is under way kept and paid once, and goes on where it was`()
            async throws
        {
            let gate = Gate()
            let writing: @Sendable (OpenAIPeer, PeerRequest) async throws -> PeerReply = { chat, request in
                // Done and billed; the answer is on its way while the fleet is stopped.
                let reply = chat.handle(request)
                await gate.pass()
                return reply
            }
            try await FleetPeers.with(writing: writing) { peers in
                // Sent back with what is wrong with it: the attempt wants to pay a second time.
                peers.chat.answer(.changed { $0.scenes = Array($0.scenes.prefix(1)) })
                try await ConnectedFleet.with(peers) { connected in
                    let fleet = connected.fleet
                    try await fleet.addUser(
                        "anna", channel: "Sea", source: fleet.source("lighthouse.md", Articles.lighthouse))
                    try await connected.connect("main", "--user", "anna", "--channel", "Sea")
                    try await fleet.open(day)
                    let job = try await fleet.job("anna", day)
                    try fleet.startAll()
                    await gate.reached()
                    let stop = try await connected.told("stop", "--all", "--reason", "money")
                    #expect(stop["inHand"] as? [Int64] == [job])
                    gate.open()
                    let quiet = try await fleet.succeed("stop", "--all")
                    #expect(quiet.out.contains("Nothing is in hand."), "\(quiet)")

                    // What was under way is kept and settled; nothing was bought since.
                    #expect(peers.chat.bill.calls == 1 && peers.speaker.calls == 0 && peers.youTube.inserts == 0)
                    #expect(
                        try await fleet.number("SELECT sum(amount)::bigint FROM cost_rows WHERE provider = 'openai'")
                            == peers.chat.bill.amount)
                    #expect(try await fleet.attempts(job) == ["script released"])
                    #expect(try await fleet.number("SELECT count(*) FROM cost_rows WHERE in_doubt") == 0)

                    try await fleet.succeed("start")
                    let watch = try await fleet.run("job", "watch", "--day", day)
                    #expect(watch.status == 0, "\(watch)\n\(fleet.logs)")
                    #expect(
                        peers.chat.bill.calls == 2, "the first answer was kept, and only the second is paid for now")
                    #expect(peers.youTube.videos.count == 1)
                    #expect(
                        try await fleet.number("SELECT sum(amount)::bigint FROM cost_rows WHERE provider = 'openai'")
                            == peers.chat.bill.amount)
                    #expect(try await fleet.attempts(job).prefix(2) == ["script released", "script succeeded"])
                }
            }
        }
    }
}
