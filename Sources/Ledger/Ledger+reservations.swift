package import FoundationEssentials
import Postgres
package import Production

extension Ledger {
    /// Holds amounts below the ceilings of the video, the provider and the day, before the money can be spent; each call
    /// for itself, all in one transaction. Safe to ask again with the same ids. A call without an upper bound can't be
    /// made: there is no way to ask for one.
    ///
    /// - Returns: an answer for each request, in their order.
    package func reserve(_ requests: [ReservationRequest]) async throws -> [ReservationAnswer] {
        let asked = requests.map { request in
            AskedReservation(
                id: request.id, attempt: request.attempt, provider: request.provider, item: request.item,
                amount: request.upperBound, hash: request.request.description,
                limit: request.timeLimit.milliseconds, ceiling: request.limits.dayCeiling,
                atOnce: request.limits.atOnce, perMinute: request.limits.perMinute, unsent: request.unsent)
        }
        return try await database.query(
            """
            SELECT outcome, until FROM reserve_all(\(try Self.json(asked))::jsonb,
                (now() AT TIME ZONE \(settings.zone))::date, \(settings.videoCeiling.rawValue),
                \(settings.dayCeiling.rawValue))
            """
        ).map { row in
            switch try row.get("outcome", as: String.self) {
            case "reserved": .reserved
            case "taken": .taken(until: try row.get("until"))
            case "rate": .tooMany(until: try row.get("until"))
            case "at_once": .tooManyAtOnce
            case "pause": .paused
            case "attempt": .revoked
            case "ended": .ended
            case let scope:
                if let ceiling = ReservationAnswer.Ceiling(rawValue: scope) {
                    .refused(by: ceiling)
                } else {
                    throw LedgerError(.invalid, "reserve_all answered \(scope), which this version does not know.")
                }
            }
        }
    }

    /// Holds one amount, in one transaction with whatever else this process asks for at the time.
    package func reserve(_ request: ReservationRequest) async throws -> ReservationAnswer {
        let answer = try await reservations.ask(request, on: request.request) { requests in
            try await gathering(requests) { try await reserve($0) }
        }
        if let answer { return answer }
        guard let answer = try await reserve([request]).first else {
            throw LedgerError(.invalid, "reserve_all answered nothing for reservation \(request.id).")
        }
        return answer
    }

    /// Notes that a call is about to be sent: committed before its first byte, so that a reservation whose maker died sooner
    /// is known to have cost nothing. In one transaction with whatever else this process is about to send.
    ///
    /// - Returns: false if nothing may be sent any more: the reservation or its attempt has ended.
    package func send(_ reservation: UUID) async throws -> Bool {
        @Sendable func ask(_ ids: [UUID]) async throws -> Set<UUID> {
            let rows = try await database.query("SELECT id FROM send_reserved(\(ids)::uuid[])")
            return Set(try rows.map { try $0.get("id", as: UUID.self) })
        }
        let answer = try await sendings.ask(reservation, on: reservation) { ids in
            try await gathering(ids) { ids in
                let sent = try await ask(ids)
                return ids.map { sent.contains($0) }
            }
        }
        return if let answer { answer } else { try await !ask([reservation]).isEmpty }
    }

    /// Ends reservations and writes their cost rows, in one transaction. Safe to ask again.
    ///
    /// - Returns: those that were still open. For the others nothing was done.
    @discardableResult
    package func end(_ reservations: [ReservationEnd]) async throws -> Set<UUID> {
        let ends = reservations.map { end in
            switch end.outcome {
            case .settled(let costs, let kept):
                EndedReservation(
                    id: end.reservation, state: "settled", kept: kept, costs: costs.map(EndedReservation.Cost.init))
            case .released: EndedReservation(id: end.reservation, state: "released", kept: false, costs: [])
            case .inDoubt: EndedReservation(id: end.reservation, state: "in_doubt", kept: false, costs: [])
            }
        }
        let rows = try await database.query("SELECT id FROM end_reservations(\(try Self.json(ends))::jsonb)")
        return Set(try rows.map { try $0.get("id", as: UUID.self) })
    }

    /// Ends one reservation, in one transaction with whatever else this process ends at the time. False if it had ended.
    @discardableResult
    package func end(_ reservation: ReservationEnd) async throws -> Bool {
        let answer = try await reservationEnds.ask(reservation, on: reservation.reservation) { ends in
            try await gathering(ends) { ends in
                let ended = try await end(ends)
                return ends.map { ended.contains($0.reservation) }
            }
        }
        return if let answer { answer } else { try await !end([reservation]).isEmpty }
    }

    /// Ends reservations past their deadline: by the answer that was kept, or else as a cost row in doubt at the full
    /// amount, because nobody knows whether the provider billed it. One of which nothing was sent is given back, and that as
    /// soon as its attempt has ended.
    package func settleOrphans(from responses: any ResponseStore, limit: Int = 100) async throws -> OrphansSettled {
        var orphans = OrphansSettled()
        orphans.released = try await database.query("SELECT id FROM release_unsent(\(Int64(limit)))").count
        let overdue = try await database.query(
            """
            SELECT id, request_hash FROM reservations WHERE state = 'open' AND deadline < now() AND NOT unsent
            ORDER BY deadline LIMIT \(Int64(limit))
            """)
        var ends: [ReservationEnd] = []
        for row in overdue {
            let id = try row.get("id", as: UUID.self)
            // Another's answer to the same request says nothing of this call's bill.
            if let hash = RequestHash(bytes: try row.get("request_hash")), let kept = try await responses.find(hash),
                kept.reservation == id
            {
                ends.append(ReservationEnd(id, .settled(kept.costs, kept: true)))
            } else {
                ends.append(ReservationEnd(id, .inDoubt))
            }
        }
        guard !ends.isEmpty else { return orphans }
        let ended = try await end(ends)
        for end in ends where ended.contains(end.reservation) {
            if case .settled = end.outcome { orphans.settled += 1 } else { orphans.inDoubt += 1 }
        }
        return orphans
    }

    /// Notes that a kept answer was read instead of asked for again.
    package func used(_ response: RequestHash) async throws {
        try await database.execute(
            "UPDATE responses SET uses = uses + 1, used_at = now() WHERE request_hash = \(response.bytes)")
    }

    /// Forgets answers that nobody has read for so long, except those that an unfinished or dead job may ask for again.
    /// Their files are then to be deleted; one that stays for a crash costs room, and is written over by the next answer.
    package func forgetResponses(unusedFor age: Duration) async throws -> [RequestHash] {
        try await database.query(
            """
            DELETE FROM responses r USING jobs j
             WHERE j.id = r.job_id AND j.finished_at IS NOT NULL AND j.state <> 'dead'
               AND r.used_at < now() - \("\(age.milliseconds) milliseconds")::interval
            RETURNING r.request_hash
            """
        ).compactMap { RequestHash(bytes: try $0.get("request_hash")) }
    }

    /// When the fleet's next money day begins.
    package func nextMoneyDay() async throws -> Date {
        try await database.query(
            """
            SELECT ((now() AT TIME ZONE \(settings.zone))::date + 1)::timestamp AT TIME ZONE \(settings.zone) AS opens
            """
        ).only("answer").get("opens")
    }

    private static func json(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }
}

/// An element of `reserve_all`'s argument, in its names.
private struct AskedReservation: Encodable {
    let id: UUID
    let attempt: UUID
    let provider: ProviderName
    let item: String
    let amount: MicroDollars
    let hash: String
    let limit: Int64
    let ceiling: MicroDollars
    let atOnce: Int?
    let perMinute: Int?
    let unsent: Bool

    enum CodingKeys: String, CodingKey {
        case id, attempt, provider, item, amount, hash, unsent
        case limit = "limit_ms"
        case ceiling = "provider_ceiling"
        case atOnce = "at_once"
        case perMinute = "per_minute"
    }
}

/// An element of `end_reservations`' argument, in its names.
private struct EndedReservation: Encodable {
    struct Cost: Encodable {
        let id: UUID
        let item: String
        let quantity: Int64
        let unit: String
        let micros: Int64
        let units: Int64
        let amount: MicroDollars

        init(_ cost: CostEntry) {
            (id, item, quantity, unit) = (cost.id, cost.item, cost.quantity, cost.unit)
            (micros, units, amount) = (cost.price.micros, cost.price.units, cost.amount)
        }
    }

    let id: UUID
    let state: String
    let kept: Bool
    let costs: [Cost]
}
