import Postgres
package import Production

extension Ledger {
    /// Which jobs are meant. Every nil is no restriction.
    package struct JobFilter: Sendable {
        package var state: JobState?
        package var stage: Stage?
        package var user: String?
        package var channel: String?
        /// Numbers of channels.
        package var channels: [Channel.ID]?
        /// `YYYY-MM-DD`
        package var day: String?
        /// Any of these; nil: any state.
        package var states: [JobState]?
        /// A part of what was asked or answered when it failed last, in any case.
        package var error: String?
        /// A dead letter's cause, as `deadLetterGroups` names it.
        package var cause: String?

        package init(
            state: JobState? = nil, stage: Stage? = nil, user: String? = nil, channel: String? = nil,
            channels: [Channel.ID]? = nil, day: String? = nil, states: [JobState]? = nil, error: String? = nil,
            cause: String? = nil
        ) {
            (self.state, self.stage, self.user, self.channel, self.day) = (state, stage, user, channel, day)
            (self.channels, self.states, self.error, self.cause) = (channels, states, error, cause)
        }

        /// Over `jobs j`, `users u` and `channels c`. Only what is asked for, so that an index can help.
        var condition: SQL {
            var parts: [SQL] = []
            // Said twice, because the index of the dead is by this column.
            if state == .dead || states == [.dead] { parts.append("j.is_dead") }
            if let state { parts.append("j.state = \(state.rawValue)") }
            if let states { parts.append("j.state = ANY(\(states.map(\.rawValue))::text[])") }
            if let stage { parts.append("j.stage = \(stage.rawValue)") }
            if let user { parts.append("u.name = \(user)") }
            if let channel { parts.append("(c.name = \(channel) OR c.slug = \(channel))") }
            if let channels { parts.append("c.id = ANY(\(channels.map(\.rawValue))::bigint[])") }
            if let day { parts.append("j.production_day = \(day)::date") }
            if let error {
                let pattern = "%" + error.escapedForLike + "%"
                parts.append(
                    "concat_ws(' ', j.error->>'provider', j.error->>'asked', j.error->>'answer') ILIKE \(pattern)")
            }
            if let cause { parts.append("error_cause(j.error) = \(cause)") }
            return parts.reduce("true") { "\($0) AND \($1)" }
        }
    }
}

extension String {
    fileprivate var escapedForLike: String {
        reduce(into: "") { text, character in
            if character == "%" || character == "_" || character == "\\" { text.append("\\") }
            text.append(character)
        }
    }
}
