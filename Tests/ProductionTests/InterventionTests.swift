import Production
import Testing

@Suite struct `What a person does to a job` {
    private static let all: [Intervention] =
        [.retry, .cancel, .drop, .approve, .reject] + Stage.allCases.map { .redo(from: $0) }

    private func standing(_ state: JobState, _ change: (inout JobStanding) -> Void = { _ in }) -> JobStanding {
        var standing = JobStanding(
            job: Job.ID(7), state: state, stage: .render, heldBecause: state == .held ? "review" : nil,
            kept: Set(Artifact.Kind.allCases))
        change(&standing)
        return standing
    }

    @Test(arguments: all, JobState.allCases)
    func `is allowed only where the job's state has such a move`(_ intervention: Intervention, _ state: JobState) {
        let isAllowed = standing(state).refusal(of: intervention) == nil
        #expect(!isAllowed || state.after(intervention.event) != nil)
        #expect(isAllowed == intervention.states.contains(state))
    }

    @Test func `never publishes a video twice`() {
        let sent = standing(.dead) { $0.mayBeOut = true }
        for stage in [Stage.script, .voice, .render] {
            #expect(sent.refusal(of: .redo(from: stage))?.contains("--from upload") == true)
        }
        #expect(sent.refusal(of: .redo(from: .upload)) == nil, "it looks first whether the video is out")
        #expect(sent.refusal(of: .retry) == nil)
        #expect(standing(.running) { $0.mayBeOut = true }.refusal(of: .cancel) != nil)
        let out = standing(.dead) { $0.location = "/videos/1" }
        #expect(out.refusal(of: .drop)?.contains("/videos/1") == true)
    }

    @Test func `uses what earlier stages made, and says which stage must be made again when it is gone`() {
        let bare = standing(.dead) { $0.kept = [.storyboard] }
        #expect(bare.refusal(of: .redo(from: .script)) == nil && bare.refusal(of: .redo(from: .voice)) == nil)
        #expect(bare.refusal(of: .redo(from: .render))?.contains("--from voice") == true)
        for (stage, kept, from, why) in [
            (.script, [], .render, "its storyboard was never made: `--from script` begins there"),
            (.voice, [.storyboard], .upload, "its narration and timings were never made: `--from voice` begins there"),
            (
                .upload, [.storyboard, .video], .render,
                "its narration and timings are not kept any more: `--from voice` makes them again"
            ),
            (.render, [], .voice, "its storyboard is not kept any more: `--from script` makes it again"),
        ] as [(Stage, Set<Artifact.Kind>, Stage, String)] {
            let job = standing(.dead) { ($0.stage, $0.kept) = (stage, kept) }
            #expect(job.refusal(of: .redo(from: from)) == why)
        }
        #expect(standing(.dead) { $0.kept = [] }.refusal(of: .redo(from: .upload))?.contains("--from script") == true)
    }

    @Test func `takes up nothing of a removed channel, but may end it`() {
        for state in [JobState.dead, .cancelled] {
            #expect(standing(state) { $0.channelIsRemoved = true }.refusal(of: .redo(from: .script)) != nil)
        }
        #expect(standing(.dead) { $0.channelIsRemoved = true }.refusal(of: .retry) != nil)
        #expect(standing(.dead) { $0.channelIsRemoved = true }.refusal(of: .drop) == nil)
        #expect(standing(.held) { $0.channelIsRemoved = true }.refusal(of: .reject) == nil)
    }

    @Test func `every stage needs only what stages before it make`() {
        for stage in Stage.allCases {
            let made = Stage.allCases.filter { $0 < stage }.reduce(into: Set<Artifact.Kind>()) {
                $0.formUnion($1.makes)
            }
            #expect(stage.needs.isSubset(of: made))
        }
    }
}
