import Editing
import Feeds
import Fleet
import Foundation
import HTTP
import Ledger
import Logging
import OpenAI
import Production
import ProviderCalling
import ProviderPeers
import Speakers
import SpeechPeers
import Stock
import Studio

/// The fleet's stages by their real parts, one video at a time: only the queue between them is left out, the picture (nothing is
/// rendered), and the publication.
struct MonthCrew: Sendable {
    let plan: MonthPlan
    let ledger: Ledger
    let artifacts: any ArtifactStore
    let scratch: URL
    let clock: MonthClock
    let tally: CallTally
    private let worker: WorkerIdentity
    private let paidCalls: PaidCalls
    private let writer: ScriptwriterChain
    private let narrators: NarratorChain
    private let libraries: [any StockLibrary]

    init(
        _ plan: MonthPlan, _ peers: MonthPeers, ledger: Ledger, artifacts: any ArtifactStore, scratch: URL,
        clock: MonthClock, tally: CallTally
    ) async throws {
        (self.plan, self.ledger, self.artifacts, self.scratch) = (plan, ledger, artifacts, scratch)
        (self.clock, self.tally) = (clock, tally)
        worker = WorkerIdentity(name: "month", incarnation: UUID())
        _ = try await ledger.register(
            worker,
            as: WorkerDescription(stage: .script, host: "here", pid: 1, version: "1", slots: plan.atOnce),
            epochs: ["month"])
        let now: @Sendable () -> Date = { clock.now }
        paidCalls = PaidCalls(
            ledger: ledger, responses: artifacts.responses,
            // A provider's day as the configuration has it: the whole day's money.
            limits: { _ in ProviderLimits(dayCeiling: 150_000_000) }, ids: { .ordered() }, now: now,
            logger: Logger(label: "month") { _ in SwiftLogNoOpLogHandler() })
        let caller = try HTTPCaller()
        let prices = try PriceFile.load(nil).list
        guard
            let routing = ModelRouting([
                ChatModel("gpt-5-mini", thinkingTokens: 0), ChatModel("gpt-5-nano", thinkingTokens: 0),
            ]), let format = SoundFormat(elevenLabs: "mp3_22050_32")
        else { throw TrialFailure("no models, or no such sound") }
        let server = ChatServer(
            .openAI, base: "\(peers.writer.address)/v1", key: Secret(MonthPeers.openAIKey))
        writer = ScriptwriterChain(
            reader: FeedReader(),
            ModelWriter(ChatClient(server, by: caller, prices: prices, now: now), routing), then: [ExtractWriter()])
        narrators = NarratorChain(
            [
                ElevenLabsNarrator(
                    ElevenLabsSettings(
                        key: Secret(ElevenLabsPeer.Account().key), base: peers.speaker.server.address,
                        voices: VoicesByLanguage(["*": MonthPeers.voice]), format: format),
                    prices: prices, caller: caller, now: now, sleep: { _ in try Task.checkCancellation() })
            ], now: now)
        var pexels = Pexels.Settings(key: Secret(MonthPeers.pexelsKey))
        (pexels.photosURL, pexels.filmsURL) = (peers.pexels.photosURL, peers.pexels.filmsURL)
        libraries = StockLibraries(pexels: pexels).all(by: caller, memory: ledger, now: now)
    }

    /// Works on a video until it is published, or has to wait.
    ///
    /// - Returns: whether it is finished.
    func work(on video: MonthVideo) async throws -> Bool {
        while true {
            guard let stage = video.stage else { return true }
            let answer = try await ledger.begin(
                .ordered(), job: video.job, stage: stage, worker: worker, epoch: "month", alone: false)
            guard case .begun(let attempt, let assignment) = answer else {
                switch answer {
                case .notDue: return false
                case .elsewhere(let stage):
                    video.stage = stage
                    continue
                default: throw TrialFailure("job \(video.job) at \(stage): \(answer)")
                }
            }
            guard try await end(attempt, stage, video, try await outcome(of: stage, attempt, assignment, video))
            else { return video.stage == nil }
        }
    }

    /// What an attempt came to: a result, or what stood in its way.
    private func outcome(
        of stage: Production.Stage, _ attempt: OpenAttempt, _ assignment: JobAssignment, _ video: MonthVideo
    ) async throws -> Result<StageResult, StageFailure> {
        let folder = scratch.appending(path: attempt.id.uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let task = StageTask(
            assignment: assignment, attempt: attempt, ledger: ledger, artifacts: artifacts, paidCalls: paidCalls,
            scratch: Scratch(folder), report: { _ in })
        var dice = Dice(plan.seed, "crash \(attempt.job) \(stage) \(video.attempts)")
        video.attempts += 1
        let most = stage == .script ? 1 : 14
        let crash = CrashAhead(
            after: dice.falls(plan.crashShare) ? Int.random(in: 1...most, using: &dice) : nil)
        let spending = CountedSpending(task: task, tally: tally, memory: video.memory, crash: crash)
        do {
            switch stage {
            case .script: return .success(try await script(task, spending, video))
            case .voice: return .success(try await voice(task, spending))
            case .render: return .success(try await pictures(task, crash, video))
            case .upload: return .success(StageResult())
            }
        } catch let failure as StageFailure {
            return .failure(failure)
        } catch is Crash {
            return .failure(StageFailure(.transient(), provider: .own, asked: "work", answer: "the process died"))
        }
    }

    // MARK: Stages, as the workers do them

    private func script(
        _ task: StageTask, _ spending: CountedSpending, _ video: MonthVideo
    ) async throws -> StageResult {
        let candidates = try await ledger.candidates(for: task.assignment)
        let script = try await writer.write(for: candidates, spending: spending)
        guard case .written(let storyboard, let channel) = script.answer else {
            throw TrialFailure("nothing new for job \(video.job)")
        }
        let artifact = try await task.keep(storyboard, named: "storyboard.json")
        try await ledger.note(storyboard, for: channel, of: video.job)
        video.storyboard = storyboard
        return StageResult(
            artifacts: [.storyboard: artifact], title: storyboard.title, channel: channel,
            usedItem: storyboard.source.key)
    }

    private func voice(_ task: StageTask, _ spending: CountedSpending) async throws -> StageResult {
        let storyboard = try await task.value(Storyboard.self, of: .storyboard)
        let channel = task.assignment.channel
        let story = try await narrators.following(channel.whenShort, failures: task.attempt.tries).speak(
            storyboard, voice: channel.voice, to: try await task.scratch.file("narration.wav"), spending: spending)
        // The sound itself is of no use to anybody here: a month of it is 13 GB.
        return StageResult(artifacts: [.timings: try await task.keep(story.narration, named: "timings.json")])
    }

    private func pictures(_ task: StageTask, _ crash: CrashAhead, _ video: MonthVideo) async throws -> StageResult {
        let storyboard = try await task.value(Storyboard.self, of: .storyboard)
        let narration = try await task.value(Narration.self, of: .timings)
        let channel = task.assignment.channel
        guard let format = CutFormat(channel.orientation) else { throw TrialFailure("no format") }
        let editor = Editor(
            format: format, look: channel.look, palette: channel.palette, credit: channel.name,
            seed: Editor.seed(job: video.job.rawValue))
        let folder = try await task.scratch.made()
        let search = StockSearch(
            libraries: libraries.map { CountedLibrary(library: $0, tally: tally, crash: crash) }, memory: ledger,
            files: CountedFiles(files: JobStockFiles(task: task), tally: tally, memory: video.memory),
            settings: StockSearch.Settings(), job: video.job, channel: channel.id, folder: folder,
            now: { [clock] in clock.now })
        let gathering = try await Gatherer(
            illustrator: Blank(), stock: search, subject: channel.name, folder: folder
        ).gather(for: storyboard, editor: editor, narration: "narration.wav", spoken: narration.scenes)
        // The gatherer takes a crash for a library's trouble; a process that died has gathered nothing.
        try crash.check()
        video.uses = gathering.stockUses.map(\.item.name)
        return StageResult()
    }

    // MARK: Ends

    /// - Returns: whether the next stage may begin at once.
    private func end(
        _ attempt: OpenAttempt, _ stage: Production.Stage, _ video: MonthVideo,
        _ outcome: Result<StageResult, StageFailure>
    ) async throws -> Bool {
        let end: AttemptEnd
        switch outcome {
        case .success(let result): end = .succeeded(result)
        case .failure(let failure):
            let error = JobError(
                stage: stage, provider: failure.provider, asked: failure.asked, answer: failure.answer, next: "")
            var dice = Dice(plan.seed, "backoff \(attempt.id)")
            switch RetryRules().verdict(on: failure.kind, counted: attempt.tries, using: &dice) {
            case .retry(let pause): end = .retried(after: pause, error)
            case .park(let until): end = .limited(until: until, error)
            case .bury:
                video.death = "\(failure)"
                end = .failed(error)
            }
            video.failures += 1
        }
        guard case .committed = try await ledger.end(attempt, end, AttemptRecord()) else {
            throw TrialFailure("job \(video.job) at \(stage): its end was refused")
        }
        if video.death != nil { video.stage = nil }
        guard case .success = outcome else { return false }
        video.stage = stage.next
        return video.stage != nil
    }
}

/// Draws nothing: what would be drawn here costs no call.
private struct Blank: Illustrator {
    let provider: ProviderName = .own

    func illustrate(
        _ brief: PictureBrief, palette: Palette, width: Int, height: Int, seed: UInt64, to file: URL
    ) async throws(StageFailure) {}
}

/// Something in a trial is not as it was set up.
struct TrialFailure: Error, CustomStringConvertible {
    let description: String

    init(_ what: String) { description = what }
}
