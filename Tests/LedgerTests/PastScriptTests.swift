import Foundation
import Ledger
import Postgres
import Production
import Testing

private func story(_ title: String, _ words: String) -> Storyboard {
    Storyboard(
        title: title, description: "", tags: [], language: "en",
        source: Storyboard.Source(key: title, title: title, link: nil, author: nil),
        scenes: [Storyboard.Scene(kind: .body, narration: words, heading: "", picture: PictureBrief(about: title))])
}

@Suite struct `Past scripts` {
    @Test func `are told to whoever writes, the newest first, without the job's own`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user()
        let channel = try await shop.ledger.channels(of: user.id)[0].id
        var jobs: [Job.ID] = []
        for number in 0..<3 {
            let job = try await shop.job(for: user)
            jobs.append(job)
            try await shop.ledger.note(
                story("Story \(number)", "The harbour of town number \(number) has a new ferry since Monday morning."),
                for: channel, of: job)
        }
        // A second try of a job takes the place of the first.
        try await shop.ledger.note(
            story("Again", "Something quite different is told here now."), for: channel, of: jobs[0])
        let past = try await shop.ledger.pastScripts(of: channel, but: jobs[1])
        #expect(past.map(\.title) == ["Again", "Story 2"])
        let twin = Shingles(of: "The harbour of town number 2 has a new ferry since Monday morning.")
        #expect(past[1].shingles == twin)
        #expect(twin.hashes.contains { $0 < 0 } && twin.hashes.contains { $0 > 0 })

        let (_, assignment) = try await shop.assignment(jobs[2], by: shop.worker())
        let candidates = try await shop.ledger.candidates(for: assignment)
        #expect(candidates.first?.past.map(\.title) == ["Again", "Story 1"])
    }

    @Test func `beyond the latest sixty of a channel are forgotten, and other channels' are not`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user(channels: ["A", "B"])
        let channels = try await shop.ledger.channels(of: user.id)
        let other = try await shop.job(for: user)
        try await shop.ledger.note(story("Other", "Words."), for: channels[1].id, of: other)
        for number in 0..<64 {
            let job = try await shop.job(for: user)
            try await shop.ledger.note(story("Story \(number)", "Words \(number)."), for: channels[0].id, of: job)
        }
        let past = try await shop.ledger.pastScripts(of: channels[0].id, but: Job.ID(0), limit: 1_000)
        // One more, for the one that is being written again.
        #expect(past.count == 61)
        #expect(past.first?.title == "Story 63")
        #expect(try await shop.ledger.pastScripts(of: channels[1].id, but: Job.ID(0)).map(\.title) == ["Other"])
    }
}

@Suite struct `What a channel wants of those who write and publish` {
    @Test func `is kept as it was chosen, and is standard where nothing was`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user()
        let plain = try await shop.ledger.channels(of: user.id)[0]
        #expect(plain.brief == .none && plain.whenShort == .hold && plain.publishing == .standard)
        try await shop.pool.execute(
            #"UPDATE channels SET publishing = '{"privacy":"unlisted"}' WHERE id = \#(plain.id.rawValue)"#)
        #expect(try await shop.ledger.channel(plain.id).publishing == Channel.Publishing(privacy: .unlisted))

        var draft = try shop.draft("Deep sea")
        draft.brief = Channel.Brief(text: "Fish, for divers; \"calm\"", forbidden: ["shark attack", "мир"])
        draft.whenShort = .cheaper
        draft.publishing = Channel.Publishing(
            privacy: .private, madeForKids: true, syntheticMedia: true, playlist: "PL1", category: "15", captions: true,
            publishAt: TimeOfDay("17:30"), notifiesSubscribers: false)
        let made = try await shop.ledger.addChannel(draft, for: user)
        let channel = try await shop.ledger.channel(made.id)
        #expect(channel == made)
        #expect(channel.brief == draft.brief && channel.whenShort == .cheaper && channel.publishing == draft.publishing)
        draft.publishing.privacy = .public
        draft.publishing.publishAt = nil
        draft.brief = .none
        let edited = try await shop.ledger.editChannel(made.id, to: draft)
        #expect(edited.publishing == draft.publishing && edited.brief == .none)
        // Whoever begins a job is told the same.
        let job = try await shop.ledger.enqueue(for: user, channel: edited).id
        let (_, assignment) = try await shop.assignment(job, by: shop.worker())
        #expect(assignment.channel.publishing == draft.publishing && assignment.channel.whenShort == .cheaper)
    }
}
