import Crypto
import FoundationEssentials
import HTTP
import NIOHTTP1
import Production

/// What the bucket knows of an object.
struct S3Object: Sendable, Equatable {
    let bytes: Int64
    let entityTag: String
    /// As its keeper wrote it down, in hexadecimal; nil if somebody else put the object there.
    let sha256: String?
    /// What its bytes were found to hash to, if not to its name.
    let damage: Artifact.ID?

    /// Whether it was kept whole under this artifact's name. The server compared the bytes with the hash when it took them.
    func holds(_ artifact: Artifact) -> Bool {
        bytes == artifact.bytes && sha256 == artifact.id.description && damage == nil
    }
}

extension S3Bucket {
    static let hashHeader = "x-amz-meta-sha256"
    static let damageHeader = "x-amz-meta-damaged"

    /// What is known of an object; nil if there is none.
    ///
    /// HEAD's errors have no body, and a bucket that isn't there must not look like a missing object: whoever misses an
    /// artifact has it made again. So a missing object is asked for once more in a way that has words.
    ///
    /// - Parameter writing: whether an object is going to be written there if there is none: then that tells what is wrong.
    func head(_ key: String, writing: Bool = false) async throws -> S3Object? {
        let asked = "look up \(shown(key))"
        while true {
            let (reply, refusal) = try await ask(Request(method: .HEAD, key: key), asked)
            guard let refusal else { return try object(reply, asked) }
            guard refusal.status == 404 || refusal.status == 403 else { throw failure(refusal, reply, asked) }
            if writing { return nil }
            let probe = Request(method: .GET, key: key, headers: [("Range", "bytes=0-0")])
            let (full, cause) = try await ask(probe, asked)
            // Without a cause, somebody has put it there in between.
            guard let cause else { continue }
            if cause.code == "NoSuchKey" { return nil }
            throw failure(cause, full, asked)
        }
    }

    private func object(_ reply: HTTPReply, _ asked: String) throws -> S3Object {
        guard let length = reply.headers.first(name: "Content-Length").flatMap({ Int64($0) }) else {
            throw failure(.permanent, asked, "\(reply.status) without a Content-Length: is this an S3 server?")
        }
        return S3Object(
            bytes: length, entityTag: reply.headers.first(name: "ETag") ?? "",
            sha256: reply.headers.first(name: Self.hashHeader),
            damage: reply.headers.first(name: Self.damageHeader).flatMap { Artifact.ID(hex: $0) })
    }

    /// Puts an object from memory, in place of what is there.
    func put(_ bytes: [UInt8], as key: String) async throws {
        let hash = SHA256.hash(data: bytes).hexadecimal
        var request = Request(method: .PUT, key: key, body: .bytes(bytes), payload: hash)
        request.headers = checks(sha256: Array(SHA256.hash(data: bytes)), md5: Array(Insecure.MD5.hash(data: bytes)))
        request.headers.append((Self.hashHeader, hash))
        try await demand(request, "store \(shown(key))")
    }

    /// Puts an object from memory unless there is one.
    func putNew(_ bytes: [UInt8], as key: String) async throws {
        guard try await head(key) == nil else { return }
        let hash = SHA256.hash(data: bytes)
        let asked = "store \(shown(key))"
        let request = Request(
            method: .PUT, key: key,
            headers: checks(sha256: Array(hash), md5: Array(Insecure.MD5.hash(data: bytes))) + onlyNew,
            body: .bytes(bytes), payload: hash.hexadecimal)
        let (reply, refusal) = try await ask(request, asked)
        guard let refusal, refusal.code != "PreconditionFailed" else { return }
        if refusal.code == "NotImplemented", giveUpConditions() { return try await putNew(bytes, as: key) }
        throw failure(refusal, reply, asked)
    }

    /// An object's bytes; nil if there is none.
    ///
    /// - Parameter limit: bytes
    func get(_ key: String, limit: Int) async throws -> [UInt8]? {
        let asked = "read \(shown(key))"
        let (reply, refusal) = try await ask(Request(method: .GET, key: key, answerLimit: limit), asked)
        guard let refusal else { return reply.body }
        if refusal.code == "NoSuchKey" { return nil }
        throw failure(refusal, reply, asked)
    }

    /// Deletes an object. Nothing happens where there is none. In a bucket that keeps versions the bytes stay as an old one.
    func delete(_ key: String) async throws {
        try await demand(Request(method: .DELETE, key: key), "delete \(shown(key))")
    }

    /// Writes beside an object that its bytes are not those it is named by, so that it is never used and the next that is
    /// kept replaces it. Nothing happens if it was replaced meanwhile.
    func markDamaged(_ key: String, _ object: S3Object, found: Artifact.ID) async throws {
        let asked = "mark \(shown(key)) as damaged"
        let source = "/\(settings.bucket)/\(key.percentEncoded(leaving: "/"))"
        let request = Request(
            method: .PUT, key: key,
            headers: [
                ("x-amz-copy-source", source), ("x-amz-copy-source-if-match", object.entityTag),
                ("x-amz-metadata-directive", "REPLACE"), (Self.damageHeader, "\(found)"),
            ], headTimeout: .seconds(300), failsLate: true)
        let (reply, refusal) = try await ask(request, asked)
        guard let refusal, refusal.code != "PreconditionFailed", refusal.code != "NoSuchKey" else { return }
        throw failure(refusal, reply, asked)
    }

    /// Gives every page of a listing, of the bucket or of an object's parts, to `body`.
    ///
    /// - Parameter following: the parameters that ask for the next page, and the elements that have their values.
    func list(
        of key: String? = nil, _ query: [(name: String, value: String)],
        following: [(parameter: String, element: String)], _ asked: String, _ body: (XMLElement) throws -> Void
    ) async throws {
        var more: [(name: String, value: String)] = []
        while true {
            let page = try await document(Request(method: .GET, key: key, query: query + more), asked)
            try body(page)
            guard page["IsTruncated"] == "true" else { return }
            more = following.compactMap { next in page[next.element].map { (next.parameter, $0) } }
            guard more.count == following.count else { return }
        }
    }

    /// The XML that answers a request.
    func document(_ request: Request, _ asked: String) async throws -> XMLElement {
        let reply = try await demand(request, asked)
        guard let document = XMLElement(document: reply.body) else {
            throw failure(.permanent, asked, "\(reply.status), but no S3 answer: \(reply.excerpt(200))")
        }
        return document
    }

    /// As `Content-MD5` has it.
    static func md5(of body: [UInt8]) -> String { Data(Insecure.MD5.hash(data: body)).base64EncodedString() }

    /// As signatures have it.
    static func payload(of body: [UInt8]) -> String { SHA256.hash(data: body).hexadecimal }

    /// The headers by which the server checks a body.
    func checks(sha256: [UInt8], md5: @autoclosure () -> [UInt8]) -> [(name: String, value: String)] {
        switch settings.checksum {
        case .sha256: [("x-amz-checksum-sha256", Data(sha256).base64EncodedString())]
        case .md5: [("Content-MD5", Data(md5()).base64EncodedString())]
        }
    }
}
