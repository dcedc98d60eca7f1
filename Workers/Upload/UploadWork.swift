import Failpoints
import Fleet
import Foundation
import Ledger
import Production

/// The upload stage: publishes the video, once. The publication is a row; each step is committed before the next byte
/// goes out, and a lost answer is looked up before anything is sent again.
struct UploadWork: StageWork {
    let stage = Production.Stage.upload
    let publisher: any Publisher
    /// Seals the addresses of open uploads; nil where the publisher opens none.
    let sealing: (any Sealing)?

    func perform(_ task: StageTask) async throws -> StageOutcome {
        let assignment = task.assignment
        let marker = "ytempire-\(assignment.job)"
        try await task.reach(.publicationOpenBefore)
        guard
            let record = try await task.ledger.openPublication(
                for: task.attempt, marker: marker, provider: publisher.provider, inSessions: sealing != nil)
        else { throw FenceRisen() }
        try await task.reach(.publicationOpenAfter)
        if let published = record.published, publisher.steps.isSubset(of: record.steps) {
            return outcome(published, note: "published before")
        }

        // An earlier attempt may have sent bytes and died before it could say so. Looked up before anything else: what
        // is published needs none of its artifacts any more.
        let log = JobPublication(task, sealing: sealing)
        if record.sendingAt != nil, record.published == nil,
            let published = try await publisher.lookUp(
                marker: record.marker, channel: assignment.channel, log: log)
        {
            try await mark(published, task)
            if publisher.steps.isEmpty { return outcome(published, note: "found published") }
        }
        let storyboard = try await task.value(Storyboard.self, of: .storyboard)
        let manifest = try await task.value(VideoManifest.self, of: .manifest)
        let publication = Publication(
            marker: record.marker, job: assignment.job, channel: assignment.channel, userName: assignment.userName,
            productionDay: assignment.productionDay, publishedAt: record.startedAt, storyboard: storyboard,
            duration: manifest.duration, width: manifest.width, height: manifest.height,
            video: try await task.file(.video), thumbnail: try await task.file(.thumbnail),
            captions: try await task.file(.captions), chapters: manifest.chapters ?? [], credits: manifest.credits,
            further: try await further(task), publishAt: try await publishAt(task))
        try await task.reach(.publicationSendingBefore)
        guard try await task.ledger.markSending(task.attempt) != nil else { throw FenceRisen() }
        try await task.reach(.publicationSendingAfter)
        try await task.reach(.publicationSendBefore)
        let published = try await publisher.publish(publication, log: log)
        try await task.reach(.publicationSendAfter)
        try await mark(published, task)
        return outcome(published, note: nil, log.notes)
    }

    private func publishAt(_ task: StageTask) async throws -> Date? {
        guard let time = task.assignment.channel.publishing.publishAt else { return nil }
        return try await task.ledger.nextMoment(at: time, for: task.assignment.user)
    }

    /// What a publisher may show beside the video; a render of an earlier version has made none of it.
    private func further(_ task: StageTask) async throws -> [String: URL] {
        var files: [String: URL] = [:]
        for (kind, ending) in [
            (Artifact.Kind.webVTT, ".vtt"), (.thumbnailB, "-b.jpg"), (.thumbnailC, "-c.jpg"),
            (.thumbnailVertical, "-vertical.jpg"),
        ] where task.assignment.artifacts[kind] != nil {
            files[ending] = try await task.file(kind)
        }
        return files
    }

    private func mark(_ published: PublishedVideo, _ task: StageTask) async throws {
        try await task.reach(.publicationMarkBefore)
        try await task.ledger.markPublished(task.assignment.job, as: published)
        try await task.reach(.publicationMarkAfter)
    }

    private func outcome(_ published: PublishedVideo, note: String?, _ noted: [String: String] = [:]) -> StageOutcome {
        var notes = noted
        notes["location"] = published.location
        if let note { notes["note"] = note }
        return .done(StageResult(), provider: publisher.provider, notes: notes)
    }
}
