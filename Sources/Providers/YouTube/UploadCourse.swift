/// What to do next with an upload session, as a pure rule: what came back goes in, the next move comes out. Never from our own
/// count: only the server knows what it has.
///
/// Source: "Resumable uploads" of the YouTube Data API.
struct UploadCourse {
    enum Move: Sendable, Equatable {
        /// Ask, after a while, how much is there.
        case ask(after: Duration)
        /// Send the rest from this byte on.
        case send(from: Int64)
        /// The access token is refused: get another, then ask.
        case renewToken
        /// The last byte was acknowledged; the reply tells the video.
        case done
        /// The session is no more.
        case expired
        /// It makes no headway, or we are asked to wait for long: another attempt goes on from here.
        case giveUp(retryAfter: Duration?, why: String)
        /// An error that speaks for itself.
        case refused
    }

    /// Breaks in a row without a byte more confirmed, after which the attempt ends.
    static let patience = 6
    /// A longer wish of the server's is kept by the job's own due time, not by a worker that waits.
    static let longestWait: Duration = .seconds(60)

    let total: Int64
    private(set) var confirmed: Int64 = 0
    private var best: Int64 = -1
    private var breaks = 0
    private var refusals = 0

    init(total: Int64) { self.total = total }

    /// The connection broke, or nothing came.
    mutating func broke(_ why: String) -> Move { again(nil, why) }

    /// - Parameters:
    ///   - asked: it answers a question, and no bytes were sent with it.
    ///   - retryAfter: what the server wishes.
    mutating func answered(status: Int, range: String?, asked: Bool, retryAfter: Duration?) -> Move {
        if status != 401 { refusals = 0 }
        switch status {
        case 200, 201: return .done
        case 308:
            guard let next = Self.next(range, total: total) else {
                return again(retryAfter, "308 with the range \"\(range ?? "")\" of \(total) bytes")
            }
            confirmed = next
            let isFarther = next > best
            if isFarther { (best, breaks) = (next, 0) }
            // With everything there and no video, it is being put together.
            if next == total || retryAfter != nil { return again(retryAfter, "308 with \(next) bytes") }
            if !isFarther && !asked {
                breaks += 1
                if breaks > Self.patience { return giveUp(nil, "308 without a byte more") }
            }
            return .send(from: next)
        case 401:
            refusals += 1
            return refusals > 1 ? .refused : .renewToken
        case 404, 410: return .expired
        case 408, 429, 500...: return again(retryAfter, "status \(status)")
        default: return .refused
        }
    }

    private mutating func again(_ wish: Duration?, _ why: String) -> Move {
        breaks += 1
        if breaks > Self.patience { return giveUp(wish, why) }
        if let wish, wish > Self.longestWait { return giveUp(wish, why) }
        return .ask(after: wish ?? min(.seconds(1) * (1 << (breaks - 1)), .seconds(16)))
    }

    private func giveUp(_ wish: Duration?, _ why: String) -> Move {
        .giveUp(retryAfter: wish, why: "\(why); \(confirmed) of \(total) bytes are confirmed")
    }

    /// The first byte that is missing: 0 where there is no range at all; nil for one that can't be true.
    private static func next(_ range: String?, total: Int64) -> Int64? {
        guard let range else { return 0 }
        guard range.hasPrefix("bytes=") || range.hasPrefix("bytes ") else { return nil }
        let ends = range.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, ends[0] == "0", let last = Int64(ends[1]), last >= 0, last < total else { return nil }
        return last + 1
    }
}
