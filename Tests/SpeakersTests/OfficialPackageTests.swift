import Foundation
import HTTP
import NIOHTTP1
import Production
import ProviderPeers
import SpeechPeers
import Testing

@testable import Speakers

/// What the providers' own Python packages say of our requests, and of our peers' answers.
@Suite struct `The providers' own packages` {
    @Test func `send to ElevenLabs what we send, and read what the peer answers`() async throws {
        let python = try await Python.with(["elevenlabs==2.78.0", "openai==3.54.0"])
        try await ElevenLabsPeer.with { peer in
            let booth = try Booth()
            let narrator = ElevenLabsNarrator(
                ElevenLabsSettings(
                    key: Secret(ElevenLabsPeer.Account().key), base: peer.server.address, model: "eleven_flash_v2_5",
                    voices: VoicesByLanguage(["en": "21m00Tcm4TlvDq8ikWAM"]),
                    manner: .init(stability: 0.5, similarityBoost: 0.75, style: 0.1, speed: 1.05, useSpeakerBoost: true)
                ),
                prices: .speech, caller: try HTTPCaller())
            _ = try await narrator.speak(.lighthouse, voice: nil, to: booth.sound, spending: PurseOfMemory())
            let ours = try #require(peer.server.requests.filter { $0.method == .POST }.dropFirst().first)
            let program = """
                import json, sys, urllib.request
                from elevenlabs import ElevenLabs, VoiceSettings
                from elevenlabs.types import AudioWithTimestampsResponse, Model, Subscription
                base, key, voice, format, body = sys.argv[1:]
                body = json.loads(body)
                body["voice_settings"] = VoiceSettings.model_validate(body["voice_settings"])
                client = ElevenLabs(api_key=key, base_url=base)
                spoken = client.text_to_speech.convert_with_timestamps(voice, output_format=format, **body)
                assert "".join(spoken.alignment.characters) == body["text"], spoken.alignment.characters
                AudioWithTimestampsResponse.model_validate_json(spoken.model_dump_json(by_alias=True))
                def get(path):
                    return urllib.request.urlopen(urllib.request.Request(base + path, headers={"xi-api-key": key})).read()
                [Model.model_validate(model) for model in json.loads(get("/v1/models"))]
                Subscription.model_validate_json(get("/v1/user/subscription"))
                assert client.models.list()[0].maximum_text_length_per_request > 0
                print("fine")
                """
            let words = try await python.run(
                program,
                [
                    peer.server.address, ElevenLabsPeer.Account().key, "21m00Tcm4TlvDq8ikWAM", "mp3_44100_128",
                    String(decoding: ours.body, as: UTF8.self),
                ])
            #expect(words.hasSuffix("fine\n"), "\(words)")
            let theirs = try #require(peer.server.requests.last { $0.method == .POST })
            #expect(theirs.head.uri == ours.head.uri)
            #expect(try dictionary(theirs.body) == dictionary(ours.body))
            #expect(theirs.head.headers["xi-api-key"] == ours.head.headers["xi-api-key"])
        }
    }

    @Test func `send to OpenAI what we send`() async throws {
        let python = try await Python.with(["elevenlabs==2.78.0", "openai==3.54.0"])
        try await OpenAISpeechPeer.with { peer in
            let booth = try Booth()
            let narrator = OpenAINarrator(
                OpenAISpeechSettings(
                    key: Secret(OpenAISpeechPeer.key), base: peer.server.address + "/v1", speed: 1.1,
                    instructions: "Calm."), prices: .speech, caller: try HTTPCaller())
            let storyboard = Storyboard.spoken([(.body, "The lamp burns until the morning.")])
            _ = try await narrator.speak(storyboard, voice: nil, to: booth.sound, spending: PurseOfMemory())
            let ours = try #require(peer.server.requests.last)
            let program = """
                import json, sys
                from openai import OpenAI
                from openai.types.audio import SpeechCreateParams
                base, key, body = sys.argv[1:]
                body = json.loads(body)
                assert set(body) <= set(SpeechCreateParams.__annotations__), body
                sound = OpenAI(api_key=key, base_url=base, max_retries=0).audio.speech.create(**body)
                assert len(sound.content) > 1000
                print("fine")
                """
            let words = try await python.run(
                program,
                [peer.server.address + "/v1", OpenAISpeechPeer.key, String(decoding: ours.body, as: UTF8.self)])
            #expect(words.hasSuffix("fine\n"), "\(words)")
            let theirs = try #require(peer.server.requests.last)
            #expect(peer.work.count == 2 && theirs.head.uri == ours.head.uri)
            #expect(try dictionary(theirs.body) == dictionary(ours.body))
        }
    }

    private func dictionary(_ json: [UInt8]) throws -> NSDictionary {
        try #require(try JSONSerialization.jsonObject(with: Data(json)) as? NSDictionary)
    }
}

/// A Python with packages of its own, made once and kept for later runs.
private struct Python {
    let interpreter: String

    struct Failure: Error, CustomStringConvertible { let description: String }

    /// One at a time: two tests must not make the same folder.
    private actor Maker {
        private var made: [String: Task<Python, any Error>] = [:]

        func python(_ packages: [String]) async throws -> Python {
            let name = packages.joined(separator: "-").replacing("=", with: "")
            // Not cancelled with the test that happens to be first: others wait for it too.
            let task = made[name] ?? Task { try await Python(name: name, packages) }
            made[name] = task
            return try await task.value
        }
    }

    private static let maker = Maker()

    static func with(_ packages: [String]) async throws -> Python { try await maker.python(packages) }

    private init(name: String, _ packages: [String]) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "python-\(name)").path
        interpreter = folder + "/bin/python"
        if FileManager.default.fileExists(atPath: folder + "/ready") { return }
        try? FileManager.default.removeItem(atPath: folder)
        do { _ = try await Self.run(["python3", "-m", "venv", folder]) } catch {
            throw Failure(description: "no virtual environment; `apt-get install python3-venv` gives one: \(error)")
        }
        _ = try await Self.run([interpreter, "-m", "pip", "install", "-q", "--disable-pip-version-check"] + packages)
        try Data().write(to: URL(filePath: folder + "/ready"))
    }

    /// - Returns: all that it wrote.
    func run(_ program: String, _ arguments: [String]) async throws -> String {
        try await Self.run([interpreter, "-c", program] + arguments)
    }

    private static func run(_ arguments: [String]) async throws -> String {
        let output = FileManager.default.temporaryDirectory.appending(path: "python-\(UUID().uuidString).log")
        try Data().write(to: output)
        defer { try? FileManager.default.removeItem(at: output) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = process.standardOutput
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        let words = String(decoding: try Data(contentsOf: output), as: UTF8.self)
        guard status == 0 else { throw Failure(description: "\(arguments[0]) ended with \(status): \(words)") }
        return words
    }
}
