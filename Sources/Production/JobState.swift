/// Where a job stands, as a pure value: a state and an event in, the next state out. Postgres keeps the state; the
/// statements of `Ledger` make exactly these moves and no others.
///
///                       begun                  completed
///        ┌─────────► queued ──────────► running ──────────► queued (next stage) … ──► published
///        │            ▲ ▲ │               │ │ │
///        │  released, │ │ │          held │ │ │ retried, limited
///        │  lost      └─┼─┼───────────────┘ │ └────────────► waiting ──── begun, once due ────► running
///        │              │ └────────► held ◄─┘                   │
///        │              │  held       │                         │
///        │   resumed    └─────────────┘                         │
///        │                                                      │
///        │ retriedByHand     failed, buried                     │
///        └──────────────── dead ◄──────────── running, queued, waiting
///
///     Whatever is not finished can be cancelled. A running script stage can be skipped: its source had nothing new.
///     Finished are published, dead, cancelled and skipped; of these published never comes back. A person may have the
///     others made again (redone), send a dead letter or a waiting job round at once (retriedByHand), and give a dead
///     letter up (dropped): it ends as cancelled.
package enum JobState: String, Sendable, Codable, CaseIterable {
    /// Dispatch it.
    case queued
    /// An attempt is open.
    case running
    /// Until a due time: a retry, a limit, a schedule.
    case waiting
    /// Until a person lets it go on: its channel asks for review before publishing. (A pause holds nothing: a paused job
    /// keeps its state, and is not begun. Money will hold jobs once there is a provider that costs some.)
    case held
    case published, dead, cancelled, skipped

    package enum Event: Sendable, CaseIterable {
        /// An attempt was opened.
        case begun
        /// A stage that is not the last succeeded.
        case completed
        /// The last stage succeeded.
        case completedLast
        /// A transient failure with tries left.
        case retried
        /// A quota, a rate or the day's money is used up.
        case limited
        /// A permanent failure, or the last try failed.
        case failed
        /// A worker that drains gave the delivery back.
        case released
        /// The worker died.
        case lost
        /// The third worker died of it.
        case buried
        case held, resumed, cancelled, skipped
        /// A person sends a dead letter round again, or a waiting job now.
        case retriedByHand
        /// A person has a stage and all after it made again.
        case redone
        /// A person gives a dead letter up.
        case dropped
    }

    package var isFinished: Bool {
        switch self {
        case .published, .dead, .cancelled, .skipped: true
        case .queued, .running, .waiting, .held: false
        }
    }

    /// The state after the event, or nil if the event cannot happen in this state.
    package func after(_ event: Event) -> JobState? {
        switch (self, event) {
        case (.queued, .begun), (.waiting, .begun): .running
        case (.running, .completed), (.running, .released), (.running, .lost): .queued
        case (.running, .completedLast): .published
        case (.running, .retried), (.running, .limited): .waiting
        case (.running, .failed), (.running, .buried), (.queued, .buried), (.waiting, .buried): .dead
        case (.running, .held), (.queued, .held), (.waiting, .held): .held
        case (.held, .resumed): .queued
        case (.running, .skipped): .skipped
        case (.queued, .cancelled), (.running, .cancelled), (.waiting, .cancelled), (.held, .cancelled): .cancelled
        case (.dead, .retriedByHand), (.waiting, .retriedByHand): .queued
        case (.dead, .redone), (.cancelled, .redone), (.skipped, .redone), (.held, .redone): .queued
        case (.dead, .dropped): .cancelled
        default: nil
        }
    }
}
