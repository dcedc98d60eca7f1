import CFFmpeg
import Foundation
import Synchronization
import Testing

@testable import Media

/// A GPU whose answers are given beforehand; where it agrees, libx264 does its work.
private final class PlayedGPU: HardwareEncoder {
    enum Answer {
        case works
        case refuses(Int32, String)
    }

    private let answers: Mutex<[Answer]>
    private let last: Answer
    private let asked = Mutex<[Bool]>([])

    /// - Parameter last: what it says when the other answers are used up.
    init(_ answers: [Answer] = [], then last: Answer) {
        self.answers = Mutex(answers)
        self.last = last
    }

    /// Whether there is one at all.
    let isThere = Mutex(true)

    func findDevice() throws(MediaError) {
        guard isThere.withLock({ $0 }) else { throw MediaError(.failed, "open device", reason: "Cannot load libcuda") }
    }

    /// For each time it was asked, whether with plain options.
    var wasPlain: [Bool] { asked.withLock { $0 } }

    func open(_ encoders: VideoEncoders, isPlain: Bool) throws(MediaError) -> Encoder {
        asked.withLock { $0.append(isPlain) }
        switch answers.withLock({ $0.isEmpty ? last : $0.removeFirst() }) {
        case .works: return try encoders.software()
        case .refuses(let status, let words):
            try check(status, "open encoder h264_nvenc")
            throw MediaError(.failed, "open encoder h264_nvenc", status: status, reason: words)
        }
    }
}

@Suite struct `The encoder ladder` {
    private let workshop: Workshop
    private let flag = CancellationFlag()
    private let quick = EncoderLadder.Waiting(slot: .milliseconds(10), session: [.zero, .zero])

    init() throws { workshop = try Workshop() }

    private func choose(_ gpu: PlayedGPU, slots: EncoderSlots? = nil) throws -> (EncoderLadder, EncoderChoice) {
        let ladder = EncoderLadder(gpu, slots: slots, waiting: quick)
        return (ladder, try ladder.choose(encoders(), flag: flag))
    }

    private func encoders(_ encoding: VideoEncoding = VideoEncoding()) -> VideoEncoders {
        VideoEncoders(encoding: encoding, size: Workshop.small, frameRate: 30, lanes: 2, wantsGlobalHeaders: true)
    }

    @Test func `ends at libx264 and keeps the driver's words, or finds a GPU that encodes`() async throws {
        let ladder = EncoderLadder()
        let (encoder, refusals) = try await ladder.probe()
        if encoder == "h264_nvenc" {
            #expect(refusals.isEmpty)
        } else {
            #expect(encoder == "libx264")
            let refusal = try #require(refusals.first)
            #expect(refusal.encoder == "h264_nvenc")
            #expect(!refusal.words.isEmpty)
            #expect(refusal.description.contains(refusal.words))
            // No driver is told apart from a driver that refuses, by the library's own log line.
            if refusal.words.contains("libcuda") { #expect(refusal.reason == .noDriver) }
        }
        let again = try await ladder.probe()
        #expect(again.encoder == encoder)
        #expect(again.refusals == refusals)
    }

    @Test func `asks no GPU where software is preferred`() async throws {
        let gpu = PlayedGPU(then: .works)
        let ladder = EncoderLadder(gpu, slots: nil, waiting: quick)
        #expect(try await ladder.probe(.software).encoder == "libx264")
        #expect(try ladder.choose(encoders(VideoEncoding(preference: .software)), flag: flag).encoder == "libx264")
        #expect(gpu.wasPlain.isEmpty)
    }

    @Test(arguments: VideoEncoding.Preference.allCases)
    func `is told in the report`(preference: VideoEncoding.Preference) async throws {
        let ladder = EncoderLadder()
        let cut = try workshop.cut(encoding: VideoEncoding(preference: preference))
        let report = try await VideoRenderer(ladder: ladder).render(cut, to: workshop.path("video.mp4"))
        let probed = try await ladder.probe(preference)
        #expect(report.encoder == probed.encoder)
        #expect(report.refusals == probed.refusals)
        if report.encoder == "libx264" { #expect(report.gpuSeconds == 0) }
    }

    @Test func `takes plain options where a chip lacks what the full ones ask for`() throws {
        let gpu = PlayedGPU([.refuses(YT_AVERROR_ENOSYS, "")], then: .works)
        let (_, choice) = try choose(gpu)
        #expect(choice.encoder == "h264_nvenc")
        #expect(choice.description == "h264_nvenc plain")
        // Probe in full, probe plain, then the video.
        #expect(gpu.wasPlain == [false, true, true])
    }

    @Test func `never asks a GPU again that can't`() throws {
        let gpu = PlayedGPU(then: .refuses(YT_AVERROR_ENOSYS, ""))
        let (ladder, choice) = try choose(gpu)
        #expect(choice.encoder == "libx264")
        #expect(choice.refusals.map(\.reason) == [.unsupported])
        #expect(gpu.wasPlain == [false, true])
        #expect(try ladder.choose(encoders(), flag: flag).refusals == choice.refusals)
        #expect(gpu.wasPlain.count == 2)
    }

    @Test func `takes no slot, and makes no folder for one, where there is no GPU`() async throws {
        let gpu = PlayedGPU(then: .works)
        gpu.isThere.withLock { $0 = false }
        let folder = workshop.path("slots")
        let (ladder, choice) = try choose(gpu, slots: EncoderSlots(folder: folder))
        #expect(choice.refusals.map(\.reason) == [.noDriver])
        #expect(try await ladder.probe().refusals.map(\.words) == ["Cannot load libcuda"])
        #expect(gpu.wasPlain.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test func `waits for a GPU that is busy, and asks it again for the next video`() throws {
        let busy = PlayedGPU.Answer.refuses(YT_AVERROR_ENOMEM, "")
        let patient = PlayedGPU([busy, busy], then: .works)
        #expect(try choose(patient).1.encoder == "h264_nvenc")

        let gpu = PlayedGPU([busy, busy, busy], then: .works)
        let (ladder, choice) = try choose(gpu)
        #expect(choice.encoder == "libx264")
        #expect(choice.refusals.map(\.reason) == [.busy])
        #expect(try ladder.choose(encoders(), flag: flag).encoder == "h264_nvenc")
    }

    @Test(arguments: [
        (YT_AVERROR_EPERM, "Operation not permitted", EncoderRefusal.Reason.noDriver),
        (YT_AVERROR_EXTERNAL, "Cannot load libcuda.so.1", .noDriver),
        (YT_AVERROR_ENOMEM, "OpenEncodeSessionEx failed: out of memory (10): (no details)", .busy),
        (YT_AVERROR_EXTERNAL, "OpenEncodeSessionEx failed: out of memory (10): (no details)", .busy),
        (YT_AVERROR_EXTERNAL, "OpenEncodeSessionEx failed: unsupported device (2): (no details)", .unsupported),
        (
            YT_AVERROR_ENOSYS, "Driver does not support the required nvenc API version. Required: 12.0 Found: 11.0",
            .unsupported
        ), (YT_AVERROR_EXTERNAL, "No capable devices found", .unsupported), (YT_AVERROR_EXTERNAL, "?", .other),
    ])
    func `tells refusals apart`(status: Int32, words: String, reason: EncoderRefusal.Reason) {
        let error = MediaError(.failed, "open encoder", status: status, reason: "", log: [words])
        let refusal = EncoderRefusal(error, encoder: "h264_nvenc")
        #expect(refusal.reason == reason)
        #expect(refusal.words == words)
    }

    @Test(arguments: [true, false]) func `sets options that the real encoder knows, to values it takes`(isPlain: Bool)
        throws
    {
        let codec = try #require(avcodec_find_encoder_by_name("h264_nvenc"))
        let context = try #require(avcodec_alloc_context3(codec))
        defer {
            var context: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&context)
        }
        let options = encoders().nvencOptions(isPlain: isPlain)
        #expect(!options.isEmpty)
        for (key, value) in options {
            // Its own options, not those that all encoders share.
            #expect(av_opt_find(context.pointee.priv_data, key, nil, 0, 0) != nil, "\(key)")
            #expect(av_opt_set(context.pointee.priv_data, key, value, 0) == 0, "\(key)=\(value)")
        }
        #expect(av_opt_set(context.pointee.priv_data, "preset", "p99", 0) < 0)
    }

    @Test func `gives sessions to as many lanes as there are slots, and counts their time`() throws {
        let slots = EncoderSlots(folder: workshop.path("slots"), count: 2)
        let (_, choice) = try choose(PlayedGPU(then: .works), slots: slots)
        #expect(slots.holders().count == 1)
        do {
            let lanes = try (0..<3).map { _ in try choice.open(encoders(), flag: flag) }
            #expect(lanes.map { $0 == nil } == [false, false, true])
            #expect(slots.holders().map(\.purpose) == ["h264_nvenc 320×180", "h264_nvenc 320×180"])
            #expect(choice.gpuSeconds == 0)
        }
        #expect(slots.holders().isEmpty)
        #expect(choice.gpuSeconds > 0)
    }

    @Test func `does not take a video for made when no session was left for it`() throws {
        let slots = EncoderSlots(folder: workshop.path("slots"), count: 1)
        let (_, choice) = try choose(PlayedGPU(then: .works), slots: slots)
        let held = try choice.open(encoders(), flag: flag)
        let session = RenderSession(
            try workshop.cut(), pieces: [.picture(0..<75)], choice: choice, lanes: 2, limits: MediaLimits(), flag: flag
        ) { _ in }
        let error = try #require(throws: MediaError.self) {
            try session.run(in: workshop.folder.path(percentEncoded: false)) { _, _ in }
        }
        #expect(error.reason.contains("sessions"))
        withExtendedLifetime(held) {}
    }

    @Test func `goes down to libx264 when all slots stay taken, and says by whom`() async throws {
        let slots = EncoderSlots(folder: workshop.path("slots"), count: 1)
        let held = try slots.take(for: "another video")
        let gpu = PlayedGPU(then: .works)
        let (ladder, choice) = try choose(gpu, slots: slots)
        #expect(choice.encoder == "libx264")
        #expect(choice.refusals.first?.reason == .busy)
        #expect(choice.refusals.first?.words.contains("process \(getpid())") == true)
        #expect(try await ladder.probe().refusals.first?.reason == .busy)
        #expect(gpu.wasPlain.isEmpty)
        withExtendedLifetime(held) {}
    }

    @Test func `makes the whole video with one encoder, also with fewer sessions than lanes`() async throws {
        let slots = EncoderSlots(folder: workshop.path("slots"), count: 1)
        let ladder = EncoderLadder(PlayedGPU(then: .works), slots: slots, waiting: quick)
        let video = workshop.path("video.mp4")
        let report = try await VideoRenderer(ladder: ladder, lanes: 3).render(try workshop.cut(seconds: 7), to: video)
        #expect(report.encoder == "h264_nvenc")
        #expect(report.gpuSeconds > 0)
        #expect(try workshop.frames(of: video).count == 240)
        #expect(slots.holders().isEmpty)
    }

    @Test func `makes the video again without a GPU that is lost in the middle`() async throws {
        // The probe, the question for this video, and one lane; the second lane's session breaks.
        let gpu = PlayedGPU([.works, .works], then: .refuses(YT_AVERROR_EXTERNAL, "the device was lost"))
        let ladder = EncoderLadder(gpu, slots: nil, waiting: quick)
        let video = workshop.path("video.mp4")
        let report = try await VideoRenderer(ladder: ladder, lanes: 1).render(try workshop.cut(), to: video)
        #expect(report.encoder == "libx264")
        #expect(report.refusals.first?.words.contains("in the middle of the video") == true)
        #expect(try workshop.frames(of: video).count == 75)
    }

    @Test func `goes on without one that fails while it encodes, but not for another failure`() throws {
        let (_, choice) = try choose(PlayedGPU(then: .works))
        let picture = MediaError(.damaged, "decode picture", reason: "")
        #expect(choice.next(after: picture) == nil)
        let encoder = try #require(try choice.open(encoders(), flag: flag))
        let wrong = try Frame(width: 64, height: 64, format: AV_PIX_FMT_RGB24)
        wrong.time = 0
        let error = try #require(throws: MediaError.self) { try encoder.send(wrong) }
        let next = try #require(choice.next(after: error))
        #expect(next.encoder == "libx264")
        #expect(next.refusals.count == 1)
        #expect(next.next(after: error) == nil)
        #expect(choice.next(after: .cancelled("render")) == nil)
    }
}
