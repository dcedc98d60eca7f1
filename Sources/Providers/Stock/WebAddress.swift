import FoundationEssentials

/// Where a library, or a file of its, lies.
struct WebAddress {
    let url: String
    /// Scheme, host and port: what a key may be sent to if it may be sent to another address of the same.
    let origin: String

    /// Nil unless it is https; on this machine itself plain http will do.
    init?(_ text: String) {
        guard let parsed = URL(string: text), let scheme = parsed.scheme?.lowercased(), let host = parsed.host(),
            !host.isEmpty
        else { return nil }
        let isHere = host == "127.0.0.1" || host == "localhost" || host == "::1" || host == "[::1]"
        guard scheme == "https" || scheme == "http" && isHere else { return nil }
        url = text
        origin = "\(scheme)://\(host.lowercased()):\(parsed.port ?? (scheme == "https" ? 443 : 80))"
    }
}
