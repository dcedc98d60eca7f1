/// What a server of a Redis Cluster says instead of an answer. It has done nothing then, so that the command may be sent again.
enum Redirection: Equatable {
    /// Another server has the slot, from now on.
    case moved(HashSlot, to: RedisConfiguration.Address)
    /// Another server has what is asked for while the slot moves there: this once, after `ASKING`.
    case ask(RedisConfiguration.Address)
    /// A slot is on its way, a failover under way, or a part of the cluster missing: later.
    case later

    /// Nil if the message is none of these.
    ///
    /// - Parameter origin: who said so; where the message names only a port, it means that host.
    init?(_ message: String, from origin: RedisConfiguration.Address) {
        let words = message.split(separator: " ", maxSplits: 3)
        switch words.first {
        case "TRYAGAIN", "CLUSTERDOWN": self = .later
        case "MOVED", "ASK":
            guard words.count >= 3, let number = Int(words[1]), let slot = HashSlot(number: number),
                let address = RedisConfiguration.Address(hostAndPort: words[2], sameHostAs: origin)
            else { return nil }
            self = words[0] == "MOVED" ? .moved(slot, to: address) : .ask(address)
        default: return nil
        }
    }
}

extension RedisConfiguration.Address {
    /// Reads `host:port` as redirections have it: the host may be an IPv6 address without brackets, or nothing, or a question mark.
    init?(hostAndPort text: Substring, sameHostAs origin: Self) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else { return nil }
        self.init(host: String(text[..<colon]), port: port, sameHostAs: origin)
    }

    /// - Parameter host: nil, empty or `?` where a server doesn't know its own; then it is the one it was reached by.
    init?(host: String?, port: Int, sameHostAs origin: Self) {
        guard (1...65_535).contains(port) else { return nil }
        if let host, !host.isEmpty, host != "?" {
            self = .tcp(host: host, port: port)
        } else if case .tcp(let host, _) = origin {
            self = .tcp(host: host, port: port)
        } else {
            return nil
        }
    }
}
