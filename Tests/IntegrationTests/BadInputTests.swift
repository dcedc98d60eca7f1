import Foundation
import Postgres
import Production
import TestServers
import Testing

extension EndToEnd {
    @Suite struct `Bad input` {
        private let day = "2026-03-05"

        @Test func `is told to its owner, and holds nobody else up`() async throws {
            try await TestFleet.with { fleet in
                let tower = "🗼 100 % “seen”: {a} \\ %{pts}, [b]; it's 'lit'"
                let odd = Articles.lighthouse.replacing("How a lighthouse reaches far", with: tower)
                try await fleet.addUser("odd", channel: "Signs: {1}, 100 %", source: fleet.source("odd.md", odd))
                let rightToLeft = Articles.tides.replacing("Why the sea comes and goes", with: "لماذا يأتي البحر ويذهب")
                try await fleet.addUser("rtl", channel: "البحر", source: fleet.source("rtl.md", rightToLeft))
                let page = "<!DOCTYPE html><html><head><title>News</title></head><body><p>Hello</p></body></html>"
                let billion = """
                    <?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">\
                    <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>\
                    <rss version="2.0"><channel><title>x</title><item><title>&d;</title></item></channel></rss>
                    """
                let bad = [
                    "page": try fleet.source("page.xml", page), "empty": try fleet.source("empty.md", ""),
                    "lol": try fleet.source("lol.xml", billion),
                    "binary": try fleet.source("binary.md", String(repeating: "\u{0}\u{1}\u{7F}\u{0}", count: 500)),
                    "missing": fleet.folder.appending(path: "no such folder/feed.xml").path,
                ]
                for (user, source) in bad { try await fleet.addUser(user, channel: "Bad \(user)", source: source) }

                try fleet.startAll()
                try await fleet.open(day)
                let watch = try await fleet.run("job", "watch", "--day", day)
                #expect(watch.status == 1, "some are dead: \(watch)")

                for (user, title) in [("odd", tower), ("rtl", "لماذا يأتي البحر ويذهب")] {
                    let video = try await PublishedVideo(job: fleet.job(user, day), in: fleet)
                    #expect(video.storyboard.title == title)
                    try await video.check(width: 320, height: 180)
                    #expect(try video.feedItems() == 1)
                }
                for (user, source) in bad {
                    let job = try await fleet.job(user, day)
                    let story = try await fleet.succeed("job", "show", "\(job)").out
                    #expect(story.contains("dead at script"), "\(story)")
                    #expect(story.contains(source), "names the source: \(story)")
                    #expect(story.contains("Last error, at script"))
                    let told = try await fleet.texts("SELECT error->>'answer' FROM jobs WHERE id = \(job)")
                    #expect(told[0].count > source.count + 10, "says what is wrong with it: \(told)")
                    for line in story.split(separator: "\n") where line.count > 100 {
                        #expect(line.contains("/"), "\(line)")
                    }
                }
                let dead = try await fleet.succeed("job", "list", "--state", "dead", "--json").json() as? [Any]
                #expect(dead?.count == bad.count)
                #expect(try await fleet.number("SELECT count(*) FROM attempts WHERE state = 'lost'") == 0)
            }
        }
    }
}
