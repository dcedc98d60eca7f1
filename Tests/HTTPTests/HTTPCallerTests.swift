import Foundation
import HTTP
import NIOHTTP1
import ProviderPeers
import Testing

@Suite struct `A call` {
    @Test func `brings back status, headers and body, and sends what it is given`() async throws {
        try await PeerServer.with { request in
            #expect(request.path == "/a%20b" && request.parameters == ["q": "x y"])
            return PeerReply(201, headers: ["X-Echo": request.headers["X-Ask"].first ?? ""], body: request.body)
        } _: { peer in
            let reply = try await HTTPCaller().call(
                HTTPCall(
                    .POST, "\(peer.address)/a%20b?q=x%20y", headers: ["X-Ask": "seven"], body: .bytes([1, 2, 3])))
            #expect(reply.status == 201 && reply.body == [1, 2, 3])
            #expect(reply.headers.first(name: "x-echo") == "seven")
        }
    }

    @Test func `that finds nobody has certainly sent nothing`() async throws {
        let peer = try await PeerServer.bind { _ in PeerReply() }
        let port = peer.port
        try await peer.close()
        let fault = await #expect(throws: HTTPFault.self) {
            try await HTTPCaller().call(HTTPCall(.POST, "http://127.0.0.1:\(port)/", body: .bytes([1])))
        }
        #expect(fault?.code == .unreachable, "\(fault?.reason ?? "")")
        #expect(fault?.mayHaveSent == false)
    }

    @Test func `whose connection breaks may have been heard`() async throws {
        try await PeerServer.with { _ in
            PeerReply(body: Array(repeating: 7, count: 100))
        } _: { peer in
            for fault in [PeerFault.resetBeforeWork, .loseAnswer, .cutAnswer(after: 10), .resetWhileReading(after: 1)] {
                peer.fail(fault)
                let error = await #expect(throws: HTTPFault.self) {
                    try await HTTPCaller().call(HTTPCall(.POST, "\(peer.address)/", body: .bytes([1, 2])))
                }
                #expect(error?.code == .broken, "\(fault)")
                #expect(error?.mayHaveSent == true, "\(fault)")
            }
            #expect(peer.requests.count == 4, "nothing is ever sent again by itself")
        }
    }

    @Test func `ends when the other side goes silent`() async throws {
        try await PeerServer.with { _ in
            try await Task.sleep(for: .seconds(60))
            return PeerReply()
        } _: { peer in
            let call = HTTPCall(
                .POST, "\(peer.address)/", body: .bytes([1]), headTimeout: .milliseconds(150),
                idleTimeout: .milliseconds(150))
            let error = await #expect(throws: HTTPFault.self) { try await HTTPCaller().call(call) }
            #expect(error?.code == .timedOut && error?.mayHaveSent == true)
        }
    }

    @Test func `takes no more than its limit`() async throws {
        try await PeerServer.with { _ in
            PeerReply(body: Array(repeating: 7, count: 1_000))
        } _: { peer in
            let call = HTTPCall(.GET, "\(peer.address)/", answerLimit: 999)
            let error = await #expect(throws: HTTPFault.self) { try await HTTPCaller().call(call) }
            #expect(error?.code == .tooLarge)
        }
    }

    @Test func `reads a file's part while it is sent, and writes an answer into a file`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (from, to) = (folder.appending(path: "from").path, folder.appending(path: "to").path)
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        try Data(bytes).write(to: URL(filePath: from))
        try await PeerServer.with {
            PeerReply(body: $0.body)
        } _: { peer in
            let reply = try await HTTPCaller().download(
                HTTPCall(.PUT, "\(peer.address)/", body: .file(path: from, range: 1_000..<900_000)), to: to)
            #expect(reply.status == 200 && reply.body.isEmpty)
            #expect(try Array(Data(contentsOf: URL(filePath: to))) == Array(bytes[1_000..<900_000]))
            peer.fail(.cutAnswer(after: 500))
            await #expect(throws: HTTPFault.self) {
                try await HTTPCaller().download(
                    HTTPCall(.PUT, "\(peer.address)/", body: .bytes(Array(bytes.prefix(9_000)))), to: to)
            }
            #expect(!FileManager.default.fileExists(atPath: to), "what is not whole does not stay")
        }
    }

    @Test func `takes its keys to no other host`() async throws {
        try await PeerServer.with {
            PeerReply(body: Array(($0.headers["Authorization"].first ?? "none").utf8))
        } _: {
            other in
            let address = other.address
            try await PeerServer.with { _ in
                PeerReply(302, headers: ["Location": "\(address)/x"])
            } _: { peer in
                var call = HTTPCall(.GET, "\(peer.address)/", headers: ["Authorization": "Bearer 12345678"])
                let unfollowed = try await HTTPCaller().call(call)
                #expect(unfollowed.status == 302)
                call.redirects = 2
                let followed = try await HTTPCaller().call(call)
                #expect(followed.body == Array("none".utf8))
            }
        }
    }

    @Test func `stops when its task is cancelled`() async throws {
        try await PeerServer.with { _ in
            try await Task.sleep(for: .seconds(60))
            return PeerReply()
        } _: { peer in
            let task = Task { try await HTTPCaller().call(HTTPCall(.GET, "\(peer.address)/")) }
            while peer.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}

@Suite struct `What a reply says` {
    private func wait(_ headers: [(String, String)]) -> Duration? {
        HTTPReply(status: 429, headers: .init(headers), body: [], url: "").retryAfter(
            now: Date(timeIntervalSince1970: 784_111_770))
    }

    @Test func `of the time to wait is read in all its forms`() {
        #expect(wait([]) == nil)
        #expect(wait([("Retry-After", "3")]) == .seconds(3))
        #expect(wait([("retry-after-ms", "250"), ("Retry-After", "3")]) == .milliseconds(250))
        #expect(wait([("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT")]) == .seconds(7))
        #expect(wait([("Retry-After", "-5")]) == .zero)
        #expect(wait([("Retry-After", "soon")]) == nil)
        #expect(wait([("Retry-After", "1e99")]) == .seconds(86_400))
    }
}

@Suite struct `Secrets` {
    @Test func `are taken out of what others quote`() {
        let redact = Redactor(["sk-abcdefghijklmnopqrstuvwxyz", "short"])
        #expect(redact("key sk-abcdefghijklmnopqrstuvwxyz!") == "key [redacted]!")
        #expect(redact("key sk-abcdefghi**** is wrong, it is short") == "key [redacted]**** is wrong, it is short")
    }

    @Test func `are taken out as far as they were not cut off, from either end`() {
        let redact = Redactor(["sk-abcdefghijklmnopqrstuvwxyz"])
        #expect(redact("the key sk-abcdefghijklmnopqrstuvwxy") == "the key [redacted]")
        #expect(
            redact("…k-abcdefghijklmnopqrstuvwxyz, twice k-abcdefghijklmnopqrstuvwxyz")
                == "…[redacted], twice [redacted]")
        #expect(redact("abcdefghijkl is no key") == "abcdefghijkl is no key")
    }

    @Test func `are known in a form, an address and JSON too`() {
        let redact = Redactor(["short"]).adding(["1//refresh+token/0123456789"])
        for form in [
            "1//refresh+token/0123456789", "1%2F%2Frefresh%2Btoken%2F0123456789", "1%2f%2frefresh%2btoken%2f0123456789",
            "1//refresh%2Btoken/0123456789", #"1\/\/refresh+token\/0123456789"#,
        ] { #expect(redact("the token \(form) is wrong") == "the token [redacted] is wrong", "\(form)") }
    }

    @Test func `in an address are not shown`() {
        let call = HTTPCall(.GET, "https://user:pass@example.org/a?key=secret")
        #expect(call.shown == "GET https://example.org/a")
    }
}
