import CPostgres

/// How to reach a database, and the limits of the pool that does. The password is never printed.
public struct PostgresConfiguration: Sendable {
    /// Connections of the pool; those of `session()` and `listen(on:)` come on top.
    public var poolSize = 10
    /// How long one attempt to connect may take.
    public var connectTimeout: Duration = .seconds(5)
    /// How long a caller waits for a connection: for a busy one to come back, or for the server to.
    public var acquireTimeout: Duration = .seconds(15)
    /// How long any statement may run; nil for no limit.
    public var statementTimeout: Duration? = .seconds(30)
    /// What `pg_stat_activity` shows; nil leaves what the URL or `$PGAPPNAME` says.
    public var applicationName: String?

    /// libpq's keywords and their values, password included.
    let keywords: [String: String]

    /// - Parameter url: whatever libpq takes: `postgres://user:password@host:5432/database?sslmode=require`, or
    ///   `host=… dbname=…` (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING).
    public init(url: String) throws(PostgresError) {
        var failure: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &failure) else {
            // libpq quotes the offending part, which may be the password: what stands before the quote names the fault.
            let reason = failure.map { String(cString: $0).prefix { $0 != "\"" }.trimmingCharacters() } ?? "no memory"
            PQfreemem(failure)
            throw PostgresError(
                .invalidConfiguration, "the connection string can't be read (\(reason))",
                hint: "write postgres://user:password@host:5432/database, with %-escapes for special characters")
        }
        defer { PQconninfoFree(options) }
        var keywords: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { keywords[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        self.keywords = keywords
    }

    /// What a connection is opened with: what was given, and what this library relies on.
    var connectionKeywords: [String: String] {
        var keywords = [
            "keepalives_idle": "15", "keepalives_interval": "5", "keepalives_count": "3",
            // A peer that stopped answering is given up after 20 s, not after the kernel's quarter of an hour.
            "tcp_user_timeout": "20000",
        ].merging(self.keywords) { $1 }
        keywords["client_encoding"] = "UTF8"
        if let applicationName { keywords["application_name"] = applicationName }
        return keywords
    }

    /// Settings that the text forms read here depend on, whatever the role or database has set.
    var sessionSettings: String {
        var settings = "SET DateStyle = ISO; SET bytea_output = hex; SET extra_float_digits = 1"
        if let statementTimeout { settings += "; SET statement_timeout = \(statementTimeout.milliseconds)" }
        return settings
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        let shown = ["host", "hostaddr", "port", "user", "dbname"].compactMap { keyword in
            keywords[keyword].map { "\(keyword)=\($0)" }
        }
        return "Postgres(\(shown.joined(separator: " ")))"
    }

    public var debugDescription: String { description }

    /// Keeps the password out of `dump` and of failed expectations.
    public var customMirror: Mirror { Mirror(self, children: ["target": description]) }
}

extension Duration {
    /// Whole milliseconds, rounded up, within what a C int holds.
    var milliseconds: Int32 {
        let (seconds, attoseconds) = components
        guard seconds < 2_000_000 else { return Int32(2_000_000_000) }
        return max(0, Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
    }
}

extension Substring {
    fileprivate func trimmingCharacters() -> String {
        String(self).trimmingSuffix { $0.isWhitespace || $0 == ":" }
    }
}
