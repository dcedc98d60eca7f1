import FoundationEssentials
import Postgres
package import Production

/// What a person chooses of a channel.
package struct ChannelDraft: Sendable {
    package var name: String
    package var source: String
    package var language: String
    package var voice: String?
    package var orientation: Channel.Orientation
    package var palette: Palette
    package var look: Channel.Look
    package var brief: Channel.Brief
    package var whenShort: Channel.ShortOfMoney
    package var publishing: Channel.Publishing
    package var length: Int
    package var dailyAt: TimeOfDay
    package var review: Bool

    package init(
        name: String, source: String, language: String, voice: String?, orientation: Channel.Orientation,
        palette: Palette, look: Channel.Look = .standard, brief: Channel.Brief = .none,
        whenShort: Channel.ShortOfMoney = .hold, publishing: Channel.Publishing = .standard, length: Int,
        dailyAt: TimeOfDay, review: Bool
    ) {
        (self.name, self.source, self.language, self.voice) = (name, source, language, voice)
        (self.orientation, self.palette, self.look, self.length) = (orientation, palette, look, length)
        (self.brief, self.whenShort, self.publishing) = (brief, whenShort, publishing)
        (self.dailyAt, self.review) = (dailyAt, review)
    }
}

extension Ledger {
    private static let channelColumns: SQL = """
        c.id, c.user_id, c.name, c.slug, c.source, c.language, c.voice, c.orientation, c.palette, c.look,
        c.brief, c.when_short, c.publishing, c.length_seconds, c.daily_at::text AS daily_at, c.review, c.state, c.last_served_at
        """

    /// - Throws: `LedgerError(.alreadyThere)` if the user has a channel of that name.
    package func addChannel(_ draft: ChannelDraft, for user: User) async throws -> Channel {
        try await database.transaction { connection in
            // One at a time: two names may become one slug.
            try await connection.execute("SELECT pg_advisory_xact_lock(hashtext('ytempire channel names'))")
            let taken = try await connection.query(
                "SELECT FROM channels WHERE user_id = \(user.id.rawValue) AND name = \(draft.name)")
            guard taken.isEmpty else {
                throw LedgerError(.alreadyThere, "\(user.name) has a channel named \(draft.name) already.")
            }
            let slug = try await freeSlug(for: draft.name, user: user, on: connection)
            let rows = try await connection.query(
                """
                INSERT INTO channels AS c (user_id, name, slug, source, language, voice, orientation, palette,
                                           look, brief, when_short, publishing, length_seconds, daily_at, review)
                VALUES (\(user.id.rawValue), \(draft.name), \(slug), \(draft.source), \(draft.language), \(draft.voice),
                        \(draft.orientation.rawValue), \(draft.palette.rawValue), \(json(draft.look))::jsonb,
                        \(json(draft.brief))::jsonb, \(draft.whenShort.rawValue), \(json(draft.publishing))::jsonb,
                        \(Int64(draft.length))::integer, \(draft.dailyAt.description)::text::time, \(draft.review))
                RETURNING \(Self.channelColumns)
                """)
            return try Channel(rows.only("the new channel"))
        }
    }

    /// A user's channels, removed ones left out, in the order they were added.
    package func channels(of user: User.ID) async throws -> [Channel] {
        try await database.query(
            """
            SELECT \(Self.channelColumns) FROM channels c
            WHERE c.user_id = \(user.rawValue) AND c.state <> 'removed' ORDER BY c.id
            """
        ).map(Channel.init)
    }

    /// By its name, its slug, or its name in another case, in this order.
    ///
    /// - Throws: `LedgerError(.notFound)`, naming the nearest.
    package func channel(named name: String, of user: User) async throws -> Channel {
        let rows = try await database.query(
            """
            SELECT \(Self.channelColumns) FROM channels c
            WHERE c.user_id = \(user.id.rawValue) AND c.state <> 'removed'
              AND (lower(c.name) = lower(\(name)) OR c.slug = \(name))
            ORDER BY (c.name = \(name)) DESC, (c.slug = \(name)) DESC, c.id LIMIT 1
            """)
        guard let row = rows.first else {
            throw LedgerError(
                .notFound,
                noSuch(
                    "channel of \(user.name) named", name, among: try await channelNames(of: user.name),
                    seeing: "ytempire channel list \(user.name)"))
        }
        return try Channel(row)
    }

    /// Why no video can be made for a user without an active channel, and what helps.
    package func whyNoChannel(of user: User) async throws -> String {
        guard let paused = try await channels(of: user.id).first(where: { $0.state == .paused }) else {
            return "\(user.name) has no channel. `ytempire channel add \(user.name) NAME --source …` adds one."
        }
        return
            "\(user.name) has no active channel. `ytempire channel resume \(user.name) '\(paused.name)'` goes on with one."
    }

    package func channel(_ id: Channel.ID) async throws -> Channel {
        let rows = try await database.query(
            "SELECT \(Self.channelColumns) FROM channels c WHERE c.id = \(id.rawValue)")
        guard let row = rows.first else { throw LedgerError(.notFound, "There is no channel \(id).") }
        return try Channel(row)
    }

    /// Replaces what a person may choose; the slug stays, since published folders carry it.
    package func editChannel(_ id: Channel.ID, to draft: ChannelDraft) async throws -> Channel {
        do {
            let rows = try await database.query(
                """
                UPDATE channels AS c SET name = \(draft.name), source = \(draft.source), language = \(draft.language),
                    voice = \(draft.voice), orientation = \(draft.orientation.rawValue),
                    palette = \(draft.palette.rawValue), look = \(json(draft.look))::jsonb,
                    brief = \(json(draft.brief))::jsonb, when_short = \(draft.whenShort.rawValue),
                    publishing = \(json(draft.publishing))::jsonb, length_seconds = \(Int64(draft.length))::integer,
                    daily_at = \(draft.dailyAt.description)::text::time, review = \(draft.review)
                WHERE c.id = \(id.rawValue) RETURNING \(Self.channelColumns)
                """)
            return try Channel(rows.only("channel \(id)"))
        } catch let error as PostgresError where error.isUniqueViolation {
            throw LedgerError(.alreadyThere, "This user has another channel named \(draft.name).")
        }
    }

    /// A removed channel gives its name free, is served no more and keeps its history. Its unfinished jobs are cancelled;
    /// only a video that may be going out already is still published. A job that slips in at the same moment is
    /// cancelled when a worker comes to begin it.
    package func setState(of id: Channel.ID, to state: Channel.State) async throws -> Channel {
        try await database.transaction { connection in
            if state == .removed {
                // Jobs before their channel, as a commit locks them.
                try await connection.execute(
                    """
                    SELECT cancel_job(id) FROM (
                        SELECT id FROM jobs WHERE channel_id = \(id.rawValue) AND finished_at IS NULL
                        ORDER BY id FOR UPDATE) unfinished
                    """)
            }
            let rows = try await connection.query(
                """
                UPDATE channels AS c SET state = \(state.rawValue),
                    name = CASE WHEN \(state.rawValue) = 'removed' THEN left(c.name, 80) || ' (removed ' || c.id || ')'
                                ELSE c.name END
                WHERE c.id = \(id.rawValue) AND c.state <> 'removed' RETURNING \(Self.channelColumns)
                """)
            guard let row = rows.first else { throw LedgerError(.notFound, "There is no channel \(id).") }
            return try Channel(row)
        }
    }

    /// The name, safe for a folder and a URL, and unique: the user's name is put in front if it has to be.
    private func freeSlug(for name: String, user: User, on connection: PostgresConnection) async throws -> String {
        let plain = slug(from: name) ?? "channel"
        let longer = slug(from: "\(user.name) \(name)") ?? "channel-of-user-\(user.id)"
        var candidates = [plain, longer]
        candidates += (2...1_000).map { "\(longer)-\($0)" }
        let rows = try await connection.query(
            "SELECT slug FROM channels WHERE slug = ANY(\(candidates)::text[])")
        let taken = try Set(rows.map { try $0.get("slug", as: String.self) })
        guard let free = candidates.first(where: { !taken.contains($0) }) else {
            throw LedgerError(.refused, "There are a thousand channels named \(name) already; choose another name.")
        }
        return free
    }
}

extension Channel {
    init(_ row: PostgresRow) throws {
        try self.init(
            id: ID(row.get("id")), user: User.ID(row.get("user_id")), name: row.get("name"), slug: row.get("slug"),
            source: row.get("source"), language: row.get("language"), voice: row.get("voice"),
            orientation: row.value("orientation"), palette: row.value("palette"),
            look: row.json("look"), brief: row.json("brief"), whenShort: row.value("when_short"),
            publishing: row.json("publishing"),
            length: Int(row.get("length_seconds", as: Int64.self)),
            dailyAt: row.timeOfDay("daily_at"), review: row.get("review"), state: row.value("state"),
            lastServed: row.get("last_served_at"))
    }
}

extension PostgresRow {
    fileprivate func json<Value: Decodable>(_ column: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(get(column, as: String.self).utf8))
    }
}

private func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}
