import Foundation
import Media
import Production
import TestServers
import Testing

extension EndToEnd {
    @Suite struct `A channel with a look of its own` {
        private func ffmpeg(_ arguments: String...) throws {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/ffmpeg")
            process.arguments = ["-v", "error", "-y"] + arguments
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0)
        }

        @Test func `has it checked, and its videos show it`() async throws {
            try await TestFleet.with { fleet in
                let (intro, logo) = (
                    fleet.folder.appending(path: "intro.mp4"), fleet.folder.appending(path: "logo.png")
                )
                try ffmpeg(
                    "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=2", "-f", "lavfi", "-i", "sine=f=440:d=2",
                    "-shortest",
                    intro.path)
                try ffmpeg("-f", "lavfi", "-i", "color=red:s=64x64:d=0.04", "-frames:v", "1", logo.path)
                let source = try fleet.source("bread.md", Articles.bread)
                try await fleet.addUser(
                    "emil", channel: "Küche", source: source, "--language", "de", "--orientation", "square")
                let edited = try await fleet.succeed(
                    "channel", "edit", "emil", "Küche", "--intro", intro.path, "--logo", logo.path, "--music", "off",
                    "--captions", "pill", "--outro", "/no/outro.mp4")
                for part in [
                    "captions: quiet → pill", "intro: 320×180, 2.0 s, with sound, readable from here",
                    "logo: 64×64, readable from here", "WARNING, as seen from this host: outro /no/outro.mp4",
                ] { #expect(edited.out.contains(part), "\(part) is missing in \(edited)") }
                let shown = try #require(
                    try await fleet.succeed("channel", "show", "emil", "Küche", "--json").json() as? [String: Any])
                #expect((shown["look"] as? [String: Any])?["captions"] as? String == "pill")

                try fleet.startAll()
                try await fleet.open("2026-03-04")
                let watch = try await fleet.run("job", "watch", "--day", "2026-03-04")
                #expect(watch.status == 0, "\(watch)\n\(fleet.logs)")
                let job = try await fleet.job("emil", "2026-03-04")
                let video = try await PublishedVideo(job: job, in: fleet)
                #expect(video.probe.video?.width == 180 && video.probe.video?.height == 180)
                #expect(abs(video.probe.duration - (2 + 0.5 + video.narration.duration + 1.2)) < 0.1)
                let subtitles = try String(contentsOf: video.beside("vtt"), encoding: .utf8)
                #expect(subtitles.hasPrefix("WEBVTT"))

                let cut = try await fleet.succeed("cut", "show", "\(job)")
                for part in ["180×180", "music: none", intro.path, "scene-1.png", "title: ", "logo: \(logo.path)"] {
                    #expect(cut.out.contains(part), "\(part) is missing in \(cut)")
                }
                #expect(!cut.out.contains("scratch"))
                let story = try await fleet.succeed("job", "show", "\(job)")
                #expect(story.out.contains("left_out outro"), "\(story)")
                let sheet = fleet.folder.appending(path: "sheet.jpg").path
                try await fleet.succeed("job", "preview", "\(job)", "-o", sheet)
                #expect(try await MediaProbe.probe(sheet, depth: .headers).video?.codec == "mjpeg")
            }
        }

        @Test func `whose picture is damaged has its video without it`() async throws {
            try await TestFleet.with { fleet in
                let picture = fleet.folder.appending(path: "oven.png")
                try ffmpeg("-f", "lavfi", "-i", "testsrc2=s=640x360:d=0.04", "-frames:v", "1", picture.path)
                // Its head is in order; what comes then is not.
                let bytes = try Data(contentsOf: picture)
                try bytes.prefix(60).write(to: picture)
                let source = try fleet.source("bread.md", "![The oven](oven.png)\n\n" + Articles.bread)
                try await fleet.addUser("emil", channel: "Küche", source: source, "--language", "de")
                try fleet.startAll()
                try await fleet.open("2026-03-04")
                let watch = try await fleet.run("job", "watch", "--day", "2026-03-04")
                #expect(watch.status == 0, "\(watch)\n\(fleet.logs)")
                let job = try await fleet.job("emil", "2026-03-04")
                _ = try await PublishedVideo(job: job, in: fleet)
            }
        }
    }
}
