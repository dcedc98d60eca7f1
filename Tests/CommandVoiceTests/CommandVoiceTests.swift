import CommandVoice
import Foundation
import OfflineVoice
import Production
import Speech
import Testing

@Suite struct `A narration by a command` {
    @Test(arguments: [("en", Texts.english), ("de", Texts.german)])
    func `is heard as the command spoke it, and its words are where it spoke them`(
        language: String, scenes: [String]
    ) async throws {
        var bench = try Workbench()
        try await bench.record(scenes, language: language)
        let script = try bench.script(#"\#(Workbench.recording); cp "$(recording "$(cat)")" "$1""#)
        let storyboard = Storyboard.fixture(scenes, language: language)
        let narration = try await narrator(["sh", script, "{output}"])
            .speak(storyboard, voice: nil, to: bench.file)
        try expectComplete(narration, of: storyboard, in: bench.file)
        #expect(narration.voice == "sh")
        // Where each scene's sound lies in the whole: after the first pause, and the scenes and pauses before it.
        var errors: [Double] = []
        var start = Pauses.atStart
        for (index, known) in bench.known.enumerated() {
            let raw = try Sound(wav: bench.folder.appending(path: "\(index).wav").path)
            let found = narration.words.filter { $0.scene == index }
            // The recording lost the silence before its first word, but for a margin.
            let shift = start + 0.01 - known.words[0].start
            for (word, truth) in zip(found, known.words) {
                errors.append(max(abs(word.start - truth.start - shift), abs(word.end - truth.end - shift)))
            }
            let scene = storyboard.scenes[index]
            start += raw.trimmed(margin: 0.01).duration
            start += Pauses.afterScene(
                index, scene.kind, ending: spokenTokens(of: scene.narration).last ?? "",
                before: index + 1 < scenes.count ? storyboard.scenes[index + 1].kind : nil)
        }
        let near = Double(errors.count { $0 <= 0.08 }) / Double(errors.count)
        #expect(near >= 0.95, "worst \(errors.max() ?? 0) s")
        #expect(abs(start - narration.duration) < 0.01)
        #expect(!FileManager.default.fileExists(atPath: bench.file.path + ".scenes"), "the command's files are gone")
    }

    @Test func `comes from standard output, with the text in a file`() async throws {
        var bench = try Workbench()
        try await bench.record(Array(Texts.english.prefix(1)), language: "en")
        let storyboard = Storyboard.fixture(Array(Texts.english.prefix(1)), language: "en")
        // As to a pipe: the header's lengths are not those of the file.
        let script = try bench.script(
            #"""
            \#(Workbench.recording)
            [ "$2" = "--language=en" ] && [ "$3" = "{nothing}" ]
            wav=$(recording "$(cat "$1")")
            head -c 40 "$wav"; printf '\377\377\377\377'; tail -c +45 "$wav"
            """#)
        let narration = try await narrator(["/bin/sh", script, "{text_file}", "--language={language}", "{nothing}"])
            .speak(storyboard, voice: nil, to: bench.file)
        try expectComplete(narration, of: storyboard, in: bench.file)
    }

    @Test func `shows what can't be said, without asking the command`() async throws {
        var bench = try Workbench()
        try await bench.record(Array(Texts.english.prefix(1)), language: "en")
        let script = try bench.script(#"\#(Workbench.recording); cp "$(recording "$(cat)")" "$1""#)
        let storyboard = Storyboard.fixture([Texts.english[0], "🎉 — 🎉"], language: "en")
        let narration = try await narrator(["sh", script, "{output}"]).speak(storyboard, voice: nil, to: bench.file)
        try expectComplete(narration, of: storyboard, in: bench.file)
    }

    /// What holds for every narration.
    private func expectComplete(_ narration: Narration, of storyboard: Storyboard, in file: URL) throws {
        let sound = try Sound(wav: file.path)
        let tokens = storyboard.scenes.enumerated().flatMap { index, scene in
            spokenTokens(of: scene.narration).map { (String($0), index) }
        }
        let words = narration.words
        #expect(words.map(\.text) == tokens.map(\.0) && words.map(\.scene) == tokens.map(\.1))
        #expect(words.allSatisfy { $0.start < $0.end }, "no empty word")
        #expect(zip(words, words.dropFirst()).allSatisfy { $0.end <= $1.start + 1e-9 }, "no overlap")
        #expect(narration.scenes.count == storyboard.scenes.count)
        for word in words {
            let scene = narration.scenes[word.scene]
            #expect(word.start >= scene.start && word.end <= scene.end, "\(word) lies in \(scene)")
        }
        #expect(sound.sampleRate == 48_000)
        #expect(abs(sound.duration - narration.duration) < 0.000_1)
        #expect((words.last?.end ?? 0) <= narration.duration)
    }
}

@Suite struct `A command that does not speak` {
    @Test(arguments: [
        (#"echo 'loading'; echo 'model en.onnx not found' >&2; exit 3"#, "status 3: model en.onnx not found"),
        (#"kill -9 $$"#, "killed by signal 9"),
        (#"cat >/dev/null; echo 'nothing to do' >&2"#, "it wrote no WAV file: nothing to do"),
        (#": > "$1""#, "it is empty"),
        (#"echo 'no sound, but words' > "$1""#, "it has no RIFF header"),
        (#"printf 'RIFF\044\0\0\0WAVEfmt \020\0\0\0\007\0\001\0\100\037\0\0' > "$1""#, "of a kind that is not read"),
    ])
    func `is told by its own last words`(script: String, answer: String) async throws {
        let bench = try Workbench()
        let narrator = try narrator(["sh", try bench.script(script), "{output}"])
        let failure = try await #require(throws: StageFailure.self) {
            try await narrator.speak(.fixture(["Hello there."], language: "en"), voice: nil, to: bench.file)
        }
        #expect(failure.answer.contains(answer), "\(failure)")
        #expect(failure.provider == "command")
        #expect(!FileManager.default.fileExists(atPath: bench.file.path))
        #expect(!FileManager.default.fileExists(atPath: bench.file.path + ".scenes"))
    }

    @Test func `may be missing`() async throws {
        let bench = try Workbench()
        let failure = try await #require(throws: StageFailure.self) {
            try await narrator(["/nonexistent/piper"])
                .speak(.fixture(["Hello there."], language: "en"), voice: nil, to: bench.file)
        }
        #expect(failure.answer == "/nonexistent/piper could not be started: No such file or directory")
    }

    @Test func `is killed when its time is over, with all that it started`() async throws {
        let bench = try Workbench()
        let script = try bench.script(#"echo waiting >&2; sleep 300 & echo $! > "$folder/child"; wait"#)
        let narrator = try narrator(["sh", script, "{output}"], timeLimit: .seconds(3))
        let failure = try await #require(throws: StageFailure.self) {
            try await narrator.speak(.fixture(["Hello there."], language: "en"), voice: nil, to: bench.file)
        }
        #expect(failure.answer.contains("it was not done after 3.0 seconds: waiting"))
        try await expectDead(bench.folder.appending(path: "child"))
    }

    @Test func `is killed when the task is cancelled`() async throws {
        let bench = try Workbench()
        let child = bench.folder.appending(path: "child")
        // Renamed, so that the file is whole once it is there.
        let script = try bench.script(
            #"sleep 300 & echo $! > "$folder/new"; mv "$folder/new" "$folder/child"; wait"#)
        let narrator = try narrator(["sh", script, "{output}"])
        let file = bench.file
        let task = Task { try await narrator.speak(.fixture(["Hello there."], language: "en"), voice: nil, to: file) }
        while !FileManager.default.fileExists(atPath: child.path) { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        let failure = try await #require(throws: StageFailure.self) { try await task.value }
        #expect(failure.answer.contains("cancelled"))
        try await expectDead(child)
    }

    /// Waits until the process whose number the file tells is gone, or only a zombie is left of it.
    private func expectDead(_ file: URL) async throws {
        let number = try String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(Int(number) != nil)
        // It was sent a signal that can't be refused; how soon it is gone is up to the kernel.
        while let status = try? String(contentsOf: URL(filePath: "/proc/\(number)/stat"), encoding: .utf8),
            !status.contains(") Z ")
        { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func `is told when it says other words`() async throws {
        var bench = try Workbench()
        try await bench.record([Texts.german.joined(separator: " ")], language: "de")
        let script = try bench.script(#"cp "$folder/0.wav" "$1""#)
        let failure = try await #require(throws: StageFailure.self) {
            try await narrator(["sh", script, "{output}"])
                .speak(
                    .fixture([Texts.english.prefix(2).joined(separator: " ")], language: "en"), voice: nil,
                    to: bench.file)
        }
        #expect(failure.kind == .permanent)
        #expect(failure.answer.contains("scene 1 of 1") && failure.answer.contains("other words"), "\(failure)")
    }

    @Test func `learns nothing of the worker's secrets`() async throws {
        let bench = try Workbench()
        let script = try bench.script(#"env > "$folder/environment"; exit 1"#)
        await #expect(throws: StageFailure.self) {
            try await narrator(["sh", script])
                .speak(.fixture(["Hello there."], language: "en"), voice: nil, to: bench.file)
        }
        let environment = try String(contentsOf: bench.folder.appending(path: "environment"), encoding: .utf8)
        #expect(environment.contains("PATH=") && !environment.contains("canary"), "\(environment)")
    }

    @Test(arguments: ["-rf", "../other", ".hidden", "a/b"])
    func `is not given a voice that is no plain name`(voice: String) async throws {
        let bench = try Workbench()
        let failure = try await #require(throws: StageFailure.self) {
            try await narrator(["true", "--model", "{voice}"])
                .speak(.fixture(["Hello there."], language: "en"), voice: voice, to: bench.file)
        }
        #expect(failure.kind == .permanent && failure.answer.contains("not a plain name"))
    }

    @Test func `is chosen by the language`() throws {
        let piper = try #require(VoiceCommand(["piper"]))
        let swiss = try #require(VoiceCommand(["swiss"]))
        let voice = CommandVoice(["de": piper, "de-CH": swiss], environment: [:])
        #expect(voice.command(for: "de-AT") == piper)
        #expect(voice.command(for: "de-CH-1996") == swiss)
        #expect(voice.command(for: "en") == nil)
        #expect(VoiceCommand([]) == nil)
        #expect(VoiceCommand(["a\0b"]) == nil)
    }
}
