extension RedisCommand {
    /// How long Redis itself may hold the reply back.
    enum Blocking: Equatable {
        case never
        case upTo(Duration)
        case forever
    }

    var blocking: Blocking {
        let name = name.uppercased()
        switch name {
        case "XREAD", "XREADGROUP":
            for (position, argument) in arguments.enumerated() {
                if argument.isWord("STREAMS") { return .never }
                if argument.isWord("BLOCK"), position + 1 < arguments.count {
                    return Self.blocking(arguments[position + 1].number.map { .milliseconds($0) })
                }
            }
            return .never
        case "BLPOP", "BRPOP", "BZPOPMIN", "BZPOPMAX", "BRPOPLPUSH", "BLMOVE":
            return Self.blocking(arguments.last?.number.map { .seconds($0) })
        case "BLMPOP", "BZMPOP":
            return Self.blocking(arguments.first?.number.map { .seconds($0) })
        case "WAIT", "WAITAOF":
            return Self.blocking(arguments.last?.number.map { .milliseconds($0) })
        default:
            return .never
        }
    }

    /// Why the command can't be used on a connection that others share; nil if it can.
    var objectionToSharing: String? {
        if blocking != .never {
            return "it would hold up every other command on the shared connection; use makeBlockingConnection()"
        }
        switch name.uppercased() {
        case "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE":
            return "subscriptions have connections of their own; use subscribe(to:)"
        case "MONITOR", "SYNC", "PSYNC", "SELECT", "RESET", "QUIT", "HELLO":
            return "it would change the shared connection for everybody; use makeBlockingConnection()"
        case "CLIENT" where arguments.first?.isWord("REPLY") == true:
            return "it would change the shared connection for everybody; use makeBlockingConnection()"
        default:
            return nil
        }
    }

    /// Nil, which is nonsense that Redis will refuse, counts as not blocking.
    private static func blocking(_ time: Duration?) -> Blocking {
        guard let time, time >= .zero else { return .never }
        return time == .zero ? .forever : .upTo(time)
    }
}

extension RedisArgument {
    func isWord(_ word: String) -> Bool {
        bytes.count == word.utf8.count && String(decoding: bytes, as: UTF8.self).uppercased() == word
    }

    fileprivate var number: Double? { Double(String(decoding: bytes, as: UTF8.self)) }
}
