import Foundation
import HTTP
import NIOHTTP1
import Production
import ProviderPeers
import TestServers
import Testing

@testable import YouTube

/// Holds every request that this fleet makes against Google's own description of the API, which its Python client carries.
@Suite struct `Requests to YouTube` {
    @Test func `exist in the discovery document, with every parameter and every field of their bodies`() async throws {
        let records = try await Studio.open { studio in
            studio.peer.makePlaylist("PL-1")
            studio.peer.consenting(channel: "UC-peer")
            let publishing = Channel.Publishing(playlist: "PL-1", captions: true, notifiesSubscribers: false)
            let moment = studio.clock.now.addingTimeInterval(7_200)
            let publication = try studio.publication(publishing: publishing, publishAt: moment)
            await studio.log.refuse("published")
            await #expect(throws: MemoryPublication.Refused.self) { try await studio.publish(publication) }
            await studio.log.refuse(nil)
            studio.peer.server.fail(.reply(PeerReply(404)), where: { $0.method == .PUT })
            studio.peer.distort { _ in }
            _ = try await studio.comeBack(publication)
            let connection = AccountConnection(studio.settings, over: studio.line)
            _ = try await connection.connect { address in
                _ = try await HTTPCaller().call(HTTPCall(.GET, address, redirects: 2))
            }
            // A video that came out too public, so that it is changed.
            let log = MemoryPublication()
            studio.peer.distort { $0.privacyStatus = "public" }
            await #expect(throws: StageFailure.self) { try await studio.publisher.publish(publication, log: log) }

            return studio.peer.server.requests
        }
        let document = try DiscoveryDocument.load()
        var seen: Set<String> = []
        for record in records where record.path.contains("/youtube/v3/") {
            // The session's address is the server's own.
            if record.head.uri.contains("upload_id=") { continue }
            let (method, problems) = document.check(record)
            #expect(problems == [], "\(record.method) \(record.head.uri)")
            seen.insert(method)
        }
        #expect(
            seen == [
                "youtube.videos.insert", "youtube.videos.list", "youtube.videos.update", "youtube.thumbnails.set",
                "youtube.playlistItems.list", "youtube.playlistItems.insert", "youtube.captions.insert",
                "youtube.channels.list",
            ])
    }

    @Test func `the check itself sees what does not exist`() async throws {
        let document = try DiscoveryDocument.load()
        func problems(_ method: HTTPMethod, _ uri: String, _ body: String = "") -> [String] {
            var headers: HTTPHeaders = [:]
            if !body.isEmpty { headers.add(name: "Content-Type", value: "application/json; charset=UTF-8") }
            var record = PeerRecord(HTTPRequestHead(version: .http1_1, method: method, uri: uri, headers: headers))
            record.body = Array(body.utf8)
            return document.check(record).problems
        }
        #expect(problems(.GET, "/youtube/v3/videos?part=status&id=a") == [])
        #expect(problems(.GET, "/youtube/v3/videos?id=a") == ["part is missing"])
        #expect(problems(.GET, "/youtube/v3/videos?part=status&ids=a") == ["no parameter ids"])
        #expect(problems(.GET, "/youtube/v3/channels?part=id&mine=maybe") == ["mine is no boolean: maybe"])
        #expect(problems(.DELETE, "/youtube/v3/channels?part=id") == ["no such method"])
        let update = problems(
            .PUT, "/youtube/v3/videos?part=status",
            "{\"status\": {\"privacyStatus\": \"open\", \"kids\": true, \"embeddable\": 1}}")
        #expect(
            Set(update) == [
                "status.privacyStatus is none of its values: open", "no field status.kids",
                "status.embeddable is no boolean",
            ])
    }
}

/// `youtube.v3.json`, read.
struct DiscoveryDocument {
    private let root: [String: Any]
    private let schemas: [String: Any]

    private init(_ root: [String: Any]) {
        self.root = root
        schemas = root["schemas"] as? [String: Any] ?? [:]
    }

    static func load() throws -> DiscoveryDocument {
        let python = try PythonEnvironment.with(["--no-deps", "google-api-python-client==2.202.0"])
        let json = try python.run([
            "-c",
            """
            import importlib.util, pathlib
            package = pathlib.Path(importlib.util.find_spec("googleapiclient").origin).parent
            print((package / "discovery_cache/documents/youtube.v3.json").read_text())
            """,
        ])
        return DiscoveryDocument(try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any]))
    }

    private var methods: [[String: Any]] {
        func all(_ node: [String: Any]) -> [[String: Any]] {
            let own = (node["methods"] as? [String: [String: Any]])?.values.map { $0 } ?? []
            let below = (node["resources"] as? [String: [String: Any]])?.values.flatMap { all($0) } ?? []
            return own + below
        }
        return all(root)
    }

    /// The method's id, and what is wrong with the request.
    func check(_ record: PeerRecord) -> (method: String, problems: [String]) {
        let request = PeerRequest(head: record.head, body: record.body)
        guard let method = methods.first(where: { matches($0, request) }) else { return ("", ["no such method"]) }
        var problems: [String] = []
        let own = method["parameters"] as? [String: [String: Any]] ?? [:]
        let common = root["parameters"] as? [String: [String: Any]] ?? [:]
        for (name, value) in request.parameters {
            guard let parameter = own[name] ?? common[name] else {
                problems.append("no parameter \(name)")
                continue
            }
            switch parameter["type"] as? String {
            case "boolean" where !["true", "false"].contains(value): problems.append("\(name) is no boolean: \(value)")
            case "integer" where Int(value) == nil: problems.append("\(name) is no integer: \(value)")
            default: break
            }
        }
        for (name, parameter) in own where parameter["required"] as? Bool == true && request.parameters[name] == nil {
            problems.append("\(name) is missing")
        }
        if let json = Self.json(request),
            let schema = (method["request"] as? [String: Any])?["$ref"] as? String
        {
            problems += check(json, schema: ["$ref": schema], at: "")
        } else if request.method != .GET, !request.path.hasPrefix("/upload") {
            problems.append("a body that is no JSON")
        }
        if request.path.hasPrefix("/upload"), let media = method["mediaUpload"] as? [String: Any] {
            let type =
                request.headers.first(name: "X-Upload-Content-Type") ?? request.headers.first(name: "Content-Type")
                ?? ""
            let accepted = (media["accept"] as? [String] ?? []) + ["multipart/related*"]
            if !accepted.contains(where: { $0 == "*/*" || type.hasPrefix($0.prefix { $0 != "*" }) }) {
                problems.append("no media type \(type)")
            }
        }
        return (method["id"] as? String ?? "", problems)
    }

    private func matches(_ method: [String: Any], _ request: PeerRequest) -> Bool {
        guard method["httpMethod"] as? String == request.method.rawValue else { return false }
        if "/\(method["path"] as? String ?? "")" == request.path { return true }
        let protocols = (method["mediaUpload"] as? [String: Any])?["protocols"] as? [String: [String: Any]]
        return protocols?.values.contains { $0["path"] as? String == request.path } == true
    }

    private static func json(_ request: PeerRequest) -> Any? {
        guard let type = request.headers.first(name: "Content-Type") else { return nil }
        if type.hasPrefix("application/json") { return try? JSONSerialization.jsonObject(with: Data(request.body)) }
        guard type.hasPrefix("multipart/related") else { return nil }
        let parts = String(decoding: request.body, as: UTF8.self).components(separatedBy: "\r\n\r\n")
        guard parts.count > 2, let json = parts[1].components(separatedBy: "\r\n--").first else { return nil }
        return try? JSONSerialization.jsonObject(with: Data(json.utf8))
    }

    private func check(_ value: Any, schema: [String: Any], at path: String) -> [String] {
        var schema = schema
        if let name = schema["$ref"] as? String { schema = schemas[name] as? [String: Any] ?? [:] }
        switch schema["type"] as? String {
        case "object":
            guard let object = value as? [String: Any] else { return ["\(path) is no object"] }
            let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
            return object.flatMap { name, value in
                let place = path.isEmpty ? name : "\(path).\(name)"
                guard let property = properties[name] else { return ["no field \(place)"] }
                return check(value, schema: property, at: place)
            }
        case "array":
            guard let items = value as? [Any] else { return ["\(path) is no array"] }
            return items.flatMap { check($0, schema: schema["items"] as? [String: Any] ?? [:], at: path) }
        case "string":
            guard let text = value as? String else { return ["\(path) is no string"] }
            if let values = schema["enum"] as? [String], !values.contains(text) {
                return ["\(path) is none of its values: \(text)"]
            }
            if schema["format"] as? String == "date-time", (try? Date(text, strategy: .iso8601)) == nil {
                return ["\(path) is no moment: \(text)"]
            }
            return []
        case "boolean":
            guard let number = value as? NSNumber,
                number.objCType.pointee == UInt8(ascii: "c") || number.objCType.pointee == UInt8(ascii: "B")
            else { return ["\(path) is no boolean"] }
            return []
        default: return []
        }
    }
}
