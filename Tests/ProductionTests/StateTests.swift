import Production
import Testing

@Suite struct `A job's state` {
    /// Every move there is; whatever is not here can't happen.
    private static let moves: [JobState: [JobState.Event: JobState]] = [
        .queued: [.begun: .running, .buried: .dead, .held: .held, .cancelled: .cancelled],
        .running: [
            .completed: .queued, .completedLast: .published, .retried: .waiting, .limited: .waiting, .failed: .dead,
            .released: .queued, .lost: .queued, .buried: .dead, .held: .held, .cancelled: .cancelled,
            .skipped: .skipped,
        ],
        .waiting: [
            .begun: .running, .buried: .dead, .held: .held, .cancelled: .cancelled, .retriedByHand: .queued,
        ],
        .held: [.resumed: .queued, .cancelled: .cancelled, .redone: .queued],
        .published: [:],
        .dead: [.retriedByHand: .queued, .redone: .queued, .dropped: .cancelled],
        .cancelled: [.redone: .queued],
        .skipped: [.redone: .queued],
    ]

    @Test(arguments: JobState.allCases) func `moves as the table says and in no other way`(state: JobState) throws {
        let allowed = try #require(Self.moves[state])
        for event in JobState.Event.allCases {
            #expect(state.after(event) == allowed[event], "\(state) after \(event)")
        }
    }

    @Test func `is finished where only a person leads out`() {
        #expect(JobState.allCases.filter(\.isFinished) == [.published, .dead, .cancelled, .skipped])
        let byHand: Set<JobState.Event> = [.retriedByHand, .redone, .dropped]
        for state in JobState.allCases where state.isFinished {
            for event in JobState.Event.allCases where !byHand.contains(event) {
                #expect(state.after(event) == nil)
            }
        }
    }

    @Test func `can be cancelled exactly until it is finished`() {
        for state in JobState.allCases { #expect((state.after(.cancelled) == .cancelled) == !state.isFinished) }
    }

    @Test func `reaches every state from queued`() {
        var reached: Set<JobState> = [.queued]
        var frontier = reached
        while !frontier.isEmpty {
            let next = Set(frontier.flatMap { state in JobState.Event.allCases.compactMap { state.after($0) } })
            frontier = next.subtracting(reached)
            reached.formUnion(next)
        }
        #expect(reached == Set(JobState.allCases))
    }
}

@Suite struct `An attempt's state` {
    @Test func `runs, then ends once`() {
        for state in AttemptState.allCases {
            for next in AttemptState.allCases {
                #expect(state.mayBecome(next) == (state == .running && next != .running), "\(state) to \(next)")
            }
            #expect(state.isEnded == (state != .running))
        }
    }

    @Test func `counts as a try only when the job itself failed`() {
        #expect(AttemptState.allCases.filter(\.counts) == [.retried, .failed])
    }
}

@Suite struct `A stage` {
    @Test func `leads to the next, in the order of production`() {
        #expect(Stage.allCases == [.script, .voice, .render, .upload])
        #expect(Stage.allCases.map(\.next) == [.voice, .render, .upload, nil])
        #expect(Stage.allCases.sorted(by: >) == [.upload, .render, .voice, .script])
    }

    @Test func `keeps its letter, which stands in deliveries under way`() {
        #expect(Stage.allCases.map(\.code) == ["s", "v", "r", "u"])
    }
}
