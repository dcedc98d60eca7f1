package import Ledger
package import Production
package import StageQueue

/// In this module a stage is the domain's.
package typealias Stage = Production.Stage

/// The fleet's queue: the domain's stages and priorities, as the engine's topology.
package struct FleetTopology: Sendable {
    /// Of partition 0.
    package let queue: QueueTopology
    private let stages: [Stage: QueueStage]
    private let priorities: [Job.Priority: QueuePriority]

    package init(namespace: String) throws(QueueError) {
        var stages: [Stage: QueueStage] = [:]
        for stage in Stage.allCases { stages[stage] = QueueStage(name: stage.rawValue, code: stage.code) }
        var priorities: [Job.Priority: QueuePriority] = [:]
        priorities[.interactive] = QueuePriority(name: Job.Priority.interactive.rawValue, code: "i")
        priorities[.daily] = QueuePriority(name: Job.Priority.daily.rawValue, code: "d")
        (self.stages, self.priorities) = (stages, priorities)
        queue = try QueueTopology(
            namespace: namespace, stages: Stage.allCases.compactMap { stages[$0] },
            priorities: Job.Priority.allCases.compactMap { priorities[$0] })
    }

    /// The engine's word for a stage. Every stage has one: the topology is made from all of them.
    package func stage(_ stage: Stage) throws(QueueError) -> QueueStage {
        guard let found = stages[stage] else {
            throw QueueError(.invalidTopology, "the stage \(stage.rawValue) is not in the queue")
        }
        return found
    }

    package func stage(_ stage: QueueStage) -> Stage? { Stage(rawValue: stage.name) }

    /// A user's jobs take turns with others' by the user's lane. The daily one needs none: there is one a day.
    package func dispatch(_ job: DueJob) throws(QueueError) -> Dispatch {
        guard let priority = priorities[job.priority] else {
            throw QueueError(.invalidTopology, "the priority \(job.priority.rawValue) is not in the queue")
        }
        return try Dispatch(
            partition: job.partition, job: job.id.rawValue, stage: stage(job.stage), priority: priority,
            lane: job.priority == .daily ? nil : job.user?.rawValue,
            trace: TraceContext(bytes: job.trace), due: job.dueIn > .zero ? .after(job.dueIn) : nil)
    }
}

extension TraceContext {
    /// 16 bytes trace id, 8 bytes span id; nil for any other length, and for the zeros that the standard forbids.
    init?(bytes: [UInt8]) {
        guard bytes.count == 24 else { return nil }
        let words = stride(from: 0, to: 24, by: 8).map { bytes[$0..<$0 + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        self.init(traceHigh: words[0], traceLow: words[1], span: words[2])
    }
}
