/// Why a source gave no items: which source, what is wrong with it, what to do.
package struct FeedError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Problem: Sendable, Equatable {
        /// No path and no http(s) address.
        case unusableAddress(String)
        case missingFile
        /// In the system's words.
        case unreadableFile(String)
        /// A folder without Markdown files, a device, a pipe, a socket.
        case notRegularFile(String)
        /// In the network's words.
        case unreachable(String)
        /// Seconds allowed.
        case timedOut(Int)
        /// The server said no. `retryAfter` in seconds, where it gave one.
        case status(Int, retryAfter: Int?)
        /// The host, and the address it resolves to.
        case privateAddress(host: String, address: String)
        /// How many were followed.
        case tooManyRedirects(Int)
        case redirect(to: String)
        /// Limit in bytes.
        case tooLarge(Int)
        /// What it seems to be.
        case binary(String)
        case contentEncoding(String)
        case webPage(feed: String?)
        /// What it seems to be.
        case notFeed(String)
        /// The document defines entities by entities (an attack known as "billion laughs").
        case entityDefinitions
        case empty
    }

    /// As shown to people: without user, password and query, which may be secrets.
    package let source: String
    package let problem: Problem

    package init(_ problem: Problem, source: String) { (self.problem, self.source) = (problem, source) }

    /// Whether it may go away by itself.
    package var isTransient: Bool {
        switch problem {
        case .missingFile, .unreadableFile, .unreachable, .timedOut, .empty: true
        case .status(let status, _): status >= 500 || [408, 425, 429].contains(status)
        default: false
        }
    }

    /// A source as it may be shown to people: an address without user, password and query, which may be secrets.
    package static func shown(_ source: String) -> String { SourceAddress.shown(source) }

    package var description: String { "\(source): \(reason)" }

    /// The problem and what to do, without the source.
    package var reason: String {
        switch problem {
        case .unusableAddress(let why):
            "\(why); give an http(s) address, or the path of a feed, a Markdown or text file, or a folder of them"
        case .missingFile: "there is no such file; check the channel's source"
        case .unreadableFile(let why): "the file can't be read (\(why)); check its permissions and its disk"
        case .notRegularFile(let what): "it is \(what); give a regular file, or a folder with .md files"
        case .unreachable(let why): "the server can't be reached (\(why)); check the address and the network"
        case .timedOut(let seconds):
            "no complete answer within \(seconds) s; the server may be slow, or its answer endless"
        case .status(let status, _) where status == 404 || status == 410:
            "the server says that it is not there (HTTP \(status)); check the channel's source"
        case .status(let status, _) where status == 401 || status == 403:
            "the server refuses access (HTTP \(status)); give a source that needs no login"
        case .status(let status, let retryAfter):
            "the server answered HTTP \(status)" + (retryAfter.map { ", try again after \($0) s" } ?? "")
        case .privateAddress(let host, let address):
            "\(host) is \(address), which is not a public address; allow private addresses if this is meant"
        case .tooManyRedirects(let count): "more than \(count) redirects; give the feed's final address"
        case .redirect(let to): "it redirects to \(to), which is no http(s) address; give the feed's final address"
        case .tooLarge(let limit): "it is larger than \(limit / 1_000_000) MB; give a feed of recent items"
        case .binary(let what): "it is \(what), not text; give a feed, Markdown or text"
        case .contentEncoding(let name):
            "the server sent it compressed (\(name)) although told not to; give another address"
        case .webPage(let feed?): "it is a web page, not a feed; the page names its feed: \(feed)"
        case .webPage(nil): "it is a web page, not a feed, and names none; look for the site's RSS or Atom address"
        case .notFeed(let what): "it is \(what), not a feed; give RSS, Atom, Markdown or plain text"
        case .entityDefinitions: "it defines entities by other entities, which can grow without end; feeds need none"
        case .empty: "it is empty; check what writes it"
        }
    }
}
