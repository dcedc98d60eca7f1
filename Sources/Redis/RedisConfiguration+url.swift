extension RedisConfiguration {
    /// Reads `redis://user:password@host:6379/0`, `rediss://…` (TLS) or `unix:///path/to.sock?db=1` (`unix://user:password@/path`).
    ///
    /// A Redis Cluster is `redis+cluster://user:password@host1:6379,host2:6379`, or `rediss+cluster://…`: any of its servers, of which one that
    /// answers is enough. One host alone can't say whether it means a server or a cluster, hence the scheme.
    ///
    /// User, password and path may be percent-encoded. Missing parts are Redis' own: 127.0.0.1, 6379, database 0. Throws `invalidConfiguration`
    /// saying which part is wrong, without repeating the URL, which may hold a password.
    public init(url: String) throws(RedisError) {
        guard let schemeEnd = url.firstRange(of: "://") else {
            throw Self.wrong("it has no scheme; use redis://, rediss:// or unix://")
        }
        let scheme = url[..<schemeEnd.lowerBound].lowercased()
        let (main, query) = Self.split(url[schemeEnd.upperBound...], at: "?")
        // The last @: a password may hold one that nobody encoded.
        let (userInfo, place): (Substring?, Substring) =
            if let at = main.lastIndex(of: "@") { (main[..<at], main[main.index(after: at)...]) } else { (nil, main) }

        self.init()
        switch scheme {
        case "redis", "rediss":
            guard !place.contains(",") else {
                throw Self.wrong("several hosts are a Redis Cluster; its scheme is redis+cluster or rediss+cluster")
            }
            try setHost(place)
            if scheme == "rediss" { tls = TLS() }
        case "redis+cluster", "rediss+cluster":
            try setSeeds(place)
            if scheme == "rediss+cluster" { tls = TLS() }
        case "unix", "redis+unix":
            guard place.hasPrefix("/"), place.count > 1 else {
                throw Self.wrong("a unix socket needs an absolute path: unix:///path/to.sock")
            }
            address = .unixSocket(path: try Self.decoded(place, "the path"))
        default:
            throw Self.wrong("the scheme must be redis, rediss, redis+cluster, rediss+cluster or unix")
        }
        if let userInfo { try setUser(userInfo) }
        if let query { try setOptions(query) }
        if clusterSeeds != nil, database != 0 { throw Self.wrong("a Redis Cluster has only the database 0") }
    }

    private mutating func setSeeds(_ place: Substring) throws(RedisError) {
        let (hosts, path) = Self.split(place, at: "/")
        var seeds: [Address] = []
        for host in hosts.split(separator: ",", omittingEmptySubsequences: false) {
            try setHost(host)
            seeds.append(address)
        }
        if let path, !path.isEmpty { database = try Self.databaseNumber(path) }
        (address, clusterSeeds) = (seeds[0], seeds)
    }

    private mutating func setHost(_ place: Substring) throws(RedisError) {
        let (authority, path) = Self.split(place, at: "/")
        var host = authority
        var portText: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw Self.wrong("an IPv6 address lacks its ]") }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw Self.wrong("after ] only a port may stand") }
            portText = rest.isEmpty ? nil : rest.dropFirst()
        } else {
            (host, portText) = Self.split(authority, at: ":")
        }
        var port = 6379
        if let portText {
            guard let number = Int(portText), (1...65_535).contains(number) else {
                throw Self.wrong("the port must be a number from 1 to 65535")
            }
            port = number
        }
        address = .tcp(host: host.isEmpty ? "127.0.0.1" : String(host), port: port)
        if let path, !path.isEmpty { database = try Self.databaseNumber(path) }
    }

    private mutating func setUser(_ userInfo: Substring) throws(RedisError) {
        let (user, secret) = Self.split(userInfo, at: ":")
        guard let secret else { throw Self.wrong("the user lacks a password: user:password@") }
        username = user.isEmpty ? nil : try Self.decoded(user, "the user")
        password = secret.isEmpty ? nil : RedisSecret(try Self.decoded(secret, "the password"))
        if username != nil, password == nil { throw Self.wrong("the user lacks a password: user:password@") }
    }

    private mutating func setOptions(_ query: Substring) throws(RedisError) {
        for option in query.split(separator: "&") {
            let (name, value) = Self.split(option, at: "=")
            guard name == "db", let value else { throw Self.wrong("the only option is db, as in ?db=1") }
            database = try Self.databaseNumber(value)
        }
    }

    private static func databaseNumber(_ text: Substring) throws(RedisError) -> Int {
        guard let number = Int(text), number >= 0 else { throw wrong("the database must be a number, 0 or more") }
        return number
    }

    private static func split(_ text: Substring, at mark: Character) -> (Substring, Substring?) {
        guard let index = text.firstIndex(of: mark) else { return (text, nil) }
        return (text[..<index], text[text.index(after: index)...])
    }

    private static func decoded(_ text: Substring, _ what: String) throws(RedisError) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                throw wrong("\(what) has a % that is not followed by two hexadecimal digits; write % as %25")
            }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw wrong("\(what) is not UTF-8") }
        return decoded
    }

    private static func wrong(_ reason: String) -> RedisError {
        RedisError(.invalidConfiguration, "the Redis URL can't be used: \(reason)")
    }
}
