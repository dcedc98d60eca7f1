import FoundationEssentials
import HTTP
import NIOHTTP1
import Production
import ProviderCalling

/// Has an item's file. It lies outside of the library's API: no key goes there, and nothing counts it.
struct MediaDownload: Sendable {
    let line: ProviderLine
    /// Bytes
    let limit: Int

    func callAsFunction(_ item: StockItem, to path: String) async throws {
        let asked = "download \(item.name)"
        guard let address = WebAddress(item.file) else {
            throw line.failure(.permanent, asked: asked, answer: "its address is no https one: \(item.file)")
        }
        let call = HTTPCall(
            .GET, address.url, headers: ["Accept": item.name.kind == .film ? "video/*" : "image/*"],
            headTimeout: .seconds(30), idleTimeout: .seconds(30), timeout: .seconds(600), answerLimit: limit,
            redirects: 5)
        let reply = try await line.download(call, to: path, asked: asked)
        do {
            try check(reply, asked: asked)
        } catch {
            try? FileManager.default.removeItem(atPath: path)
            throw error
        }
    }

    private func check(_ reply: HTTPReply, asked: String) throws(StageFailure) {
        guard reply.isSuccess else {
            let words = "status \(reply.status): \(reply.excerpt())"
            switch reply.status {
            case 408, 429, 500...599: throw line.transient(reply, asked: asked, answer: words)
            default: throw line.failure(.permanent, asked: asked, answer: words)
            }
        }
        // What says of itself that it is text is an error's page. What says anything else is looked at, whatever it says.
        let type = (reply.headers.first(name: "Content-Type") ?? "").lowercased()
        if type.hasPrefix("text/") || type.hasPrefix("application/json") {
            throw line.failure(.permanent, asked: asked, answer: "it is \(type), not what was offered")
        }
    }
}
