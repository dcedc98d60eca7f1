import Fleet
import Foundation
import Ledger
import Production

/// A day's videos in a table: user, channel, title, length, encoder, render speed, cost, path.
struct DayReport: Encodable {
    struct Line: Encodable {
        var job: Int64
        var user: String
        var channel: String
        var state: JobState
        var title: String?
        /// Seconds
        var length: Double?
        var encoder: String?
        /// Seconds of video made in each second of rendering.
        var renderSpeed: Double?
        var cost: MicroDollars
        var location: String?
        /// Why there is no video, in short.
        var trouble: String?
        /// What could not be had as it was meant because a provider failed, each in its words: another voice spoke, or pictures were drawn.
        var without: [String]

        private enum CodingKeys: String, CodingKey {
            case job, user, channel, state, title, length, encoder, renderSpeed, location, trouble, without
            case cost = "costMicroUSD"
        }
    }

    let day: String
    let videos: [Line]

    init(of day: String, from services: FleetServices) async throws {
        self.day = day
        var videos: [Line] = []
        for job in try await services.ledger.jobs(Ledger.JobFilter(day: day), limit: 1_000).reversed() {
            let attempts = try await services.ledger.attempts(of: Job.ID(job.id))
            let notes = [Stage.voice, .render].map { stage in
                attempts.last { $0.stage == stage && $0.state == .succeeded }?.notes ?? [:]
            }
            let render = notes[1]
            videos.append(
                Line(
                    job: job.id, user: job.user, channel: job.channel, state: job.state, title: job.title,
                    length: render["seconds"].flatMap { Double($0) }, encoder: render["encoder"],
                    renderSpeed: render["speed"].flatMap { Double($0) }, cost: job.cost, location: job.location,
                    trouble: job.trouble, without: notes.flatMap { notes in Makeshift.notes.compactMap { notes[$0] } }))
        }
        self.videos = videos
    }

    /// The paths stand below the table, whole: a path cut short is of no use.
    var text: String {
        var table = Table(
            "JOB", Column("USER", .clipped), Column("CHANNEL", .clipped), "STATE", "LENGTH",
            Column("ENCODER", .dropped), Column("SPEED", .dropped), Column("USD", .dropped),
            Column("TITLE OR ERROR", .clippedInMiddle),
            empty: "No job belongs to \(day).")
        for video in videos {
            table.add(
                "\(video.job)", video.user, video.channel, video.state.rawValue, video.length.map(Phrases.length) ?? "",
                video.encoder ?? "", video.renderSpeed.map { "\($0.formatted(decimals: 1))×" } ?? "",
                video.cost.description, video.trouble ?? video.title ?? "")
        }
        let paths = videos.compactMap { video in video.location.map { "  \(video.job)  \($0)" } }
        let makeshifts = videos.flatMap { video in
            video.without.flatMap { wrapped($0, indent: 6, first: "  \(video.job)  ") }
        }
        let total = videos.map(\.cost).reduce(.zero, +)
        return table.text
            + (videos.isEmpty ? "" : "All together \(Phrases.money(total)).\n")
            + (makeshifts.isEmpty
                ? ""
                : "\nNot made as meant, because a provider failed:\n" + makeshifts.joined(separator: "\n") + "\n")
            + (paths.isEmpty ? "" : "\n" + paths.joined(separator: "\n") + "\n")
    }
}
