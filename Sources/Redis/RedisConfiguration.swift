/// Where Redis is and how to speak to it.
public struct RedisConfiguration: Sendable {
    public enum Address: Sendable, Hashable {
        case unixSocket(path: String)
        case tcp(host: String, port: Int)
    }

    /// How a TCP connection is encrypted.
    public struct TLS: Sendable, Equatable {
        /// A PEM file of the authorities to trust instead of the system's.
        public var caFile: String?
        /// Off only where the certificate can't name the host, e.g. through a tunnel. The chain is verified in any case.
        public var verifiesHostname: Bool
        /// PEM files by which this side proves itself, where Redis asks for it (`tls-auth-clients`).
        public var certificateFile: String?, keyFile: String?

        public init(
            caFile: String? = nil, verifiesHostname: Bool = true, certificateFile: String? = nil, keyFile: String? = nil
        ) {
            self.caFile = caFile
            self.verifiesHostname = verifiesHostname
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    public var address: Address
    /// Nil: there is one server, at ``address``. Otherwise a Redis Cluster, of which any of these TCP addresses tells the rest; the servers that
    /// have the slots are found through them, and found again when they change. User, password and TLS are the same for all its servers.
    ///
    /// Sentinel is not supported: it guards a single primary, and what it adds (a primary's address that may change) a cluster of one shard,
    /// a virtual address or a proxy gives as well, while a second way to follow failovers would have to be kept as safe as the first.
    public var clusterSeeds: [Address]?
    /// Nil: plain text.
    public var tls: TLS?
    /// An ACL user; nil: the default user.
    public var username: String?
    public var password: RedisSecret?
    public var database: Int
    /// What `CLIENT LIST` shows for these connections. No spaces.
    public var clientName: String?
    /// For a connection to be made and to answer its first command. Also how long a command waits for a lost connection to come back.
    public var connectTimeout: Duration
    /// From the call to the reply. A blocking read on a connection of its own is given its blocking time on top.
    public var commandTimeout: Duration
    /// The waits between tries to reconnect.
    public var backoff: RedisBackoff

    public init(
        address: Address = .tcp(host: "127.0.0.1", port: 6379), clusterSeeds: [Address]? = nil, tls: TLS? = nil,
        username: String? = nil,
        password: RedisSecret? = nil, database: Int = 0, clientName: String? = nil,
        connectTimeout: Duration = .seconds(5), commandTimeout: Duration = .seconds(10),
        backoff: RedisBackoff = RedisBackoff()
    ) {
        self.address = address
        self.clusterSeeds = clusterSeeds
        self.tls = tls
        self.username = username
        self.password = password
        self.database = database
        self.clientName = clientName
        self.connectTimeout = connectTimeout
        self.commandTimeout = commandTimeout
        self.backoff = backoff
    }
}

extension RedisConfiguration.Address: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unixSocket(let path): "unix:\(path)"
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}
