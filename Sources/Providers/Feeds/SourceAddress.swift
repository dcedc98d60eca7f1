import FoundationEssentials

/// Where a source is: on the web or on this machine.
enum SourceAddress: Equatable {
    case web(URL)
    case path(String)

    init(_ source: String) throws(FeedError) {
        let source = source.trimmingWhitespace()
        guard !source.isEmpty else { throw FeedError(.unusableAddress("no source is given"), source: "(none)") }
        guard !source.contains("\0") else { throw FeedError(.unusableAddress("it contains a NUL"), source: "(source)") }
        let scheme = source.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
        guard source.dropFirst(scheme.count).hasPrefix("://") else {
            self = .path(source)
            return
        }
        switch scheme.lowercased() {
        case "http", "https", "feed":
            let text = scheme.lowercased() == "feed" ? "https" + source.dropFirst(scheme.count) : source
            guard let url = URL(string: text), let host = url.host(), !host.isEmpty else {
                throw FeedError(.unusableAddress("the address can't be read"), source: Self.shown(source))
            }
            self = .web(url)
        case "file":
            guard let url = URL(string: source) else {
                throw FeedError(.unusableAddress("the address can't be read"), source: source)
            }
            self = .path(url.path)
        case let other:
            throw FeedError(.unusableAddress("\(other):// is not supported"), source: Self.shown(source))
        }
    }

    /// An address without user, password and query, which may be secrets.
    static func shown(_ url: URL) -> String { shown(url.absoluteString) }

    static func shown(_ source: String) -> String {
        guard let start = source.firstRange(of: "://")?.upperBound else { return source }
        let rest = source[start...]
        let host = rest.prefix { !"/?#".contains($0) }
        let path = rest.dropFirst(host.count).prefix { $0 != "?" && $0 != "#" }
        let bare = host.lastIndex(of: "@").map { host[host.index(after: $0)...] } ?? host
        return source[..<start] + bare + path + (rest.contains("?") ? "?…" : "")
    }
}
