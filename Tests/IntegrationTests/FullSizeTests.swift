import TestServers
import Testing

extension EndToEnd {
    @Suite struct `A video in full size` {
        @Test func `is 1920 by 1080`() async throws {
            let day = "2026-03-06"
            try await TestFleet.with(["render.short-side": "1080"]) { fleet in
                try await fleet.addUser(
                    "finn", channel: "Küche", source: fleet.source("bread.md", Articles.bread), "--language", "de")
                try fleet.startAll()
                try await fleet.open(day)
                let watch = try await fleet.run("job", "watch", "--day", day)
                #expect(watch.status == 0, "\(watch)")
                try await PublishedVideo(job: fleet.job("finn", day), in: fleet).check(width: 1920, height: 1080)
            }
        }
    }
}
