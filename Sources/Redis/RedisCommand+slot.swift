extension RedisCommand {
    /// The slot that the command's keys lie in; nil if it has none, so that any server of the cluster can answer it.
    ///
    /// - Throws: `invalidConfiguration` if its keys lie in several slots, or if it makes no sense in a cluster.
    func slot() throws(RedisError) -> HashSlot? {
        let name = name.uppercased()
        if let objection = Self.objections[name] {
            throw RedisError(.invalidConfiguration, command: summary, objection)
        }
        var found: HashSlot?
        for position in keyPositions(name) where arguments.indices.contains(position) {
            let slot = HashSlot(of: arguments[position].bytes)
            if let found, found != slot {
                throw RedisError(
                    .invalidConfiguration, command: summary,
                    """
                    its keys lie in different slots of the Redis Cluster (\(found.number), and \(slot.number) for \
                    \(arguments[position].excerpt)); give them one hash tag, as in {tag}:rest
                    """)
            }
            found = slot
        }
        return found
    }

    /// The command's name tells nothing about keys that it doesn't have in its arguments, so it would be answered by whichever server.
    private static let objections: [String: String] = {
        var objections: [String: String] = [:]
        for name in [
            "KEYS", "SCAN", "DBSIZE", "RANDOMKEY", "FLUSHALL", "FLUSHDB", "SCRIPT", "FUNCTION", "WAIT", "WAITAOF",
        ] {
            objections[name] = "it speaks of one server of the Redis Cluster only; use sendToEveryPrimary(_:)"
        }
        for name in ["MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH"] {
            objections[name] =
                "the commands of a transaction may go to different servers of the Redis Cluster; use a script"
        }
        for name in ["SELECT", "SWAPDB", "MOVE"] { objections[name] = "a Redis Cluster has only the database 0" }
        return objections
    }()

    /// - Parameter name: in capitals.
    private func keyPositions(_ name: String) -> StrideTo<Int> {
        let count = arguments.count
        func positions(_ first: Int, _ end: Int, by step: Int = 1) -> StrideTo<Int> {
            stride(from: first, to: end, by: step)
        }
        /// Keys that stand behind their number.
        func counted(at index: Int) -> StrideTo<Int> {
            guard arguments.indices.contains(index),
                let number = Int(String(decoding: arguments[index].bytes, as: UTF8.self)),
                (0...count).contains(number)
            else { return positions(0, 0) }
            return positions(index + 1, index + 1 + number)
        }
        switch name {
        case "EVALSHA", "EVAL", "EVAL_RO", "EVALSHA_RO", "FCALL", "FCALL_RO":
            return counted(at: 1)
        case "XREAD", "XREADGROUP":
            guard let word = arguments.firstIndex(where: { $0.isWord("STREAMS") }) else { return positions(0, 0) }
            return positions(word + 1, word + 1 + (count - word - 1) / 2)
        case "XINFO", "XGROUP", "OBJECT", "BITOP":
            return positions(1, name == "BITOP" ? count : min(2, count))
        case "MEMORY" where arguments.first?.isWord("USAGE") == true:
            return positions(1, 2)
        case "MGET", "DEL", "EXISTS", "UNLINK", "TOUCH", "SINTER", "SUNION", "SDIFF", "SINTERSTORE", "SUNIONSTORE",
            "SDIFFSTORE", "PFCOUNT", "PFMERGE", "SSUBSCRIBE":
            return positions(0, count)
        case "MSET", "MSETNX":
            return positions(0, count, by: 2)
        case "RENAME", "RENAMENX", "COPY", "RPOPLPUSH", "BRPOPLPUSH", "LMOVE", "BLMOVE", "SMOVE", "LCS", "ZRANGESTORE",
            "GEOSEARCHSTORE":
            return positions(0, min(2, count))
        case "BLPOP", "BRPOP", "BZPOPMIN", "BZPOPMAX":
            return positions(0, count - 1)
        case "LMPOP", "ZMPOP", "SINTERCARD", "ZINTERCARD", "ZDIFF", "ZINTER", "ZUNION":
            return counted(at: 0)
        case "BLMPOP", "BZMPOP", "ZDIFFSTORE", "ZINTERSTORE", "ZUNIONSTORE":
            // The destination of the last three comes first; Redis itself refuses one in another slot.
            return counted(at: 1)
        case "ACL", "ASKING", "AUTH", "BGREWRITEAOF", "BGSAVE", "CLIENT", "CLUSTER", "COMMAND", "CONFIG", "DEBUG",
            "ECHO",
            "FAILOVER", "HELLO", "INFO", "LASTSAVE", "LATENCY", "MEMORY", "MODULE", "PING", "PUBSUB", "READONLY",
            "READWRITE", "REPLICAOF", "ROLE", "SAVE", "SHUTDOWN", "SLOWLOG", "TIME":
            return positions(0, 0)
        default:
            // Any other command begins with its key. PUBLISH too may go anywhere; by its channel it goes to the server of keys with that tag.
            return positions(0, min(1, count))
        }
    }
}
