import Foundation
import Production
import TestServers
import Testing

extension EndToEnd {
    @Suite struct `The doctor` {
        private struct Finding: Decodable {
            var what: String
            var outcome: String
            var found: String
            var remedy: String?
        }

        private func findings(_ fleet: TestFleet) async throws -> [Finding] {
            let ended = try await fleet.run("doctor", "--json")
            #expect(ended.status == 0 || ended.status == 1, "\(ended)")
            return try JSONDecoder().decode([Finding].self, from: Data(ended.out.utf8))
        }

        @Test func `tells who would be asked, and what they lack`() async throws {
            let settings = [
                "openai.key": "sk-canary", "openai.models": "gpt-5-mini, gpt-imaginary",
                "openai.speech-model": "tts-imaginary", "voice.order": "openai, command, offline",
                "voice.command": "no-such-piper --quick", "publish.to": "youtube", "youtube.client-id": "client",
                "youtube.client-secret": "GOCSPX-canary", "secrets.key-file": "/nowhere/secret-keys",
            ]
            try await TestFleet.with(settings) { fleet in
                let source = try fleet.source("a.md", Articles.bees)
                try await fleet.addUser("gina", channel: "One", source: source)
                let findings = try await findings(fleet)
                func find(_ what: String, _ outcome: String, _ parts: String...) {
                    let matching = findings.filter { finding in
                        finding.what == what && finding.outcome == outcome
                            && parts.allSatisfy { finding.found.contains($0) || finding.remedy?.contains($0) == true }
                    }
                    #expect(matching.count == 1, "\(what) \(outcome) \(parts) in \(findings)")
                }
                find("who writes", "failed", "add openai.gpt-imaginary", "prices.yaml")
                find("who speaks", "failed", "add openai.tts-imaginary")
                find("who publishes", "failed", "no account is connected", "account connect")
                find("who publishes", "failed", "gina One", "account assign")
                let isRoot = geteuid() == 0
                find("secret keys", isRoot ? "failed" : "warning", isRoot ? "ytempire secret key" : "as root")
                find("stock pictures", "ok", "none")
                #expect(!"\(findings)".contains("canary"))
                #expect(!findings.contains { $0.what == "publish.path" }, "nothing goes there: \(findings)")
                let added = try await fleet.succeed("channel", "add", "gina", "Two", "--source", source)
                #expect(added.out.contains("`ytempire account connect NAME --user gina --channel 'Two'`"), "\(added)")

                // The price is known, so that the next thing comes out.
                let nowhere = ["openai.speech-model": "tts-1", "prices.file": "/nowhere/prices.yaml"]
                try await fleet.configure(settings.merging(nowhere) { $1 })
                let unpriced = try await self.findings(fleet)
                #expect(
                    unpriced.contains { $0.found.hasPrefix("prices.file /nowhere/prices.yaml: there is no such file") })
                try await fleet.configure(settings.merging(["openai.speech-model": "tts-1"]) { $1 })
                let again = try await self.findings(fleet)
                #expect(again.contains { $0.what == "who speaks" && $0.found.contains("no program no-such-piper") })
            }
        }

        @Test func `tells which key is missing, and where it belongs; other commands need none`() async throws {
            let settings = [
                "openai.models": "gpt-5-mini", "elevenlabs.voices": "abc", "publish.to": "youtube",
                "youtube.client-id": "client", "artifacts.s3.bucket": "videos",
                "artifacts.s3.endpoint": "http://127.0.0.1:1",
            ]
            try await TestFleet.with(settings) { fleet in
                let findings = try await findings(fleet)
                for (what, key) in [
                    ("who writes", "openai-key"), ("who speaks", "elevenlabs-key"),
                    ("who publishes", "youtube-client-secret"), ("bucket", "artifacts-s3-access-key"),
                ] {
                    let told = findings.filter {
                        $0.what == what && $0.outcome != "ok" && $0.found.contains("/etc/credstore/ytempire.\(key)")
                    }
                    #expect(told.count == 1, "\(what) in \(findings)")
                }
                for words in [["job", "list"], ["account", "list"], ["cost", "day"], ["stop", "--all"], ["quota"]] {
                    let ended = try await fleet.run(words)
                    #expect(ended.status == 0, "\(ended)")
                }
                let connect = try await fleet.run("account", "connect", "main")
                #expect(connect.status == 1 && connect.err.contains("youtube.client-secret is missing"), "\(connect)")
                let worker = try fleet.start(.script)
                await worker.ended()
                #expect(worker.log.contains("openai.key: it is needed"), "\(worker.log)")
            }
        }

        @Test func `finds nothing to mend where nobody is paid`() async throws {
            try await TestFleet.with { fleet in
                let outside = try await findings(fleet).filter { $0.what.hasPrefix("who ") }
                #expect(outside.map(\.outcome) == ["ok", "ok", "ok"], "\(outside)")
                let bucket = try await fleet.run("bucket", "show")
                #expect(bucket.status == 1 && bucket.err.contains("No bucket is configured"), "\(bucket)")
            }
        }
    }
}
