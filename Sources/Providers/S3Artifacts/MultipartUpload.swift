import FoundationEssentials
import HTTP
import NIOHTTP1
import Production

/// Sends a large file in parts, several at once, and goes on where a process that died has stopped.
///
/// Objects are named by their content, so whatever upload is open under the same name is of the same file. Of its parts
/// those are used whose hash is that of ours; all others are sent. Should another process be at it still, then both send
/// the same bytes, one of them completes the upload, and the other finds the object there.
struct MultipartUpload: Sendable {
    /// A part that the server has.
    struct Part: Sendable {
        let number: Int
        let entityTag: String
    }

    /// The upload that was worked on has ended, or can't be completed: another one has to be begun.
    private struct Stale: Error {
        let refusal: StageFailure
    }

    private let upload: Upload
    private var bucket: S3Bucket { upload.bucket }
    private var digest: FileDigest { upload.digest }
    private var asked: String { "store \(bucket.shown(upload.key)) in \(digest.parts.count) parts" }
    /// The first is gone on with, the second begins anew.
    private static let rounds = 3

    init(_ upload: Upload) { self.upload = upload }

    /// - Parameter resuming: whether to go on with an upload that is open.
    func run(replacing: Bool, resuming: Bool) async throws {
        var last: StageFailure?
        for round in 1...Self.rounds {
            let open = resuming && round == 1 ? try await openUpload() : nil
            let id = if let open { open.id } else { try await begin() }
            do {
                let sent = try await send(to: id, but: open?.parts ?? [])
                try await complete(id, sent, replacing: replacing)
                return
            } catch let stale as Stale {
                if try await upload.isDone() { return }
                last = stale.refusal
                if open == nil { await abort(id) }
            } catch {
                // Whoever tries again later goes on with what is there; nobody does where trying again can't help.
                if open == nil, !Self.mayHelp(error) { await abort(id) }
                throw error
            }
        }
        throw bucket.failure(
            .transient(), asked, "\(Self.rounds) uploads were broken off; the last: \(last?.answer ?? "")")
    }

    private static func mayHelp(_ error: any Error) -> Bool {
        if case .transient? = (error as? StageFailure)?.kind { true } else { false }
    }

    /// The latest upload of this file that was begun and not ended, with what is there of it; nil if there is none, or
    /// nobody may look for it.
    private func openUpload() async throws -> (id: String, parts: [Part])? {
        let query = [(name: "uploads", value: ""), (name: "prefix", value: upload.key)]
        let (reply, refusal) = try await bucket.ask(.init(method: .GET, query: query), asked)
        guard refusal == nil, let list = XMLElement(document: reply.body) else { return nil }
        let latest = list.all("Upload").filter { $0["Key"] == upload.key }
            .max { ($0["Initiated"] ?? "") < ($1["Initiated"] ?? "") }
        guard let id = latest?["UploadId"] else { return nil }
        do {
            return (id, try await parts(of: id))
        } catch is StageFailure {
            return nil
        }
    }

    /// Those of its parts that are ours byte by byte.
    private func parts(of id: String) async throws -> [Part] {
        var found: [XMLElement] = []
        try await bucket.list(
            of: upload.key, [("uploadId", id)], following: [("part-number-marker", "NextPartNumberMarker")], asked
        ) { found += $0.all("Part") }
        var parts: [Part] = []
        for element in found {
            guard let number = element["PartNumber"].flatMap({ Int($0) }), (1...digest.parts.count).contains(number),
                let tag = element["ETag"], element["Size"] == "\(digest.range(ofPart: number).count)"
            else { continue }
            if let checksum = element["ChecksumSHA256"] {
                guard checksum == Data(digest.parts[number - 1]).base64EncodedString() else { continue }
            } else {
                // A part's ETag is its MD5, except under encryption by keys of the server's key service.
                let md5 =
                    if let known = digest.md5s { known[number - 1] } else {
                        try await PartReader().md5(of: upload.path, digest.range(ofPart: number))
                    }
                guard tag.filter({ $0 != "\"" }).lowercased() == md5.hexadecimal else { continue }
            }
            parts.append(Part(number: number, entityTag: tag))
        }
        return parts
    }

    private func begin() async throws -> String {
        var headers = upload.metadata
        if bucket.settings.checksum == .sha256 { headers.append(("x-amz-checksum-algorithm", "SHA256")) }
        let request = S3Bucket.Request(method: .POST, key: upload.key, query: [("uploads", "")], headers: headers)
        guard let id = try await bucket.document(request, asked)["UploadId"], !id.isEmpty else {
            throw bucket.failure(.permanent, asked, "the upload was begun, but has no UploadId: is this an S3 server?")
        }
        return id
    }

    private func send(to id: String, but known: [Part]) async throws -> [Part] {
        let missing = Set(1...digest.parts.count).subtracting(known.map(\.number)).sorted()
        return try await withThrowingTaskGroup(of: Part.self) { group in
            var parts = known
            var next = missing.makeIterator()
            for _ in 0..<bucket.settings.partsAtOnce {
                if let number = next.next() { group.addTask { try await send(number, to: id) } }
            }
            while let part = try await group.next() {
                parts.append(part)
                if let number = next.next() { group.addTask { try await send(number, to: id) } }
            }
            return parts.sorted { $0.number < $1.number }
        }
    }

    private func send(_ number: Int, to id: String) async throws -> Part {
        let hash = digest.parts[number - 1]
        let request = S3Bucket.Request(
            method: .PUT, key: upload.key, query: [("partNumber", "\(number)"), ("uploadId", id)],
            headers: bucket.checks(sha256: hash, md5: digest.md5s?[number - 1] ?? []),
            body: .file(path: upload.path, range: digest.range(ofPart: number)), payload: hash.hexadecimal)
        let (reply, refusal) = try await bucket.ask(request, asked)
        if let refusal {
            let failure = bucket.failure(refusal, reply, asked)
            if refusal.code == "NoSuchUpload" { throw Stale(refusal: failure) }
            throw failure
        }
        guard let tag = reply.headers.first(name: "ETag") else {
            throw bucket.failure(.permanent, asked, "part \(number) was taken without an ETag: is this an S3 server?")
        }
        return Part(number: number, entityTag: tag)
    }

    /// Another process has completed or ended the upload, sent parts of another size, or begun it with other checksums.
    private static let staleness: Set = [
        "NoSuchUpload", "InvalidPart", "InvalidPartOrder", "EntityTooSmall", "InvalidRequest",
    ]

    private func complete(_ id: String, _ parts: [Part], replacing: Bool) async throws {
        let list = parts.map { part in
            let checksum =
                bucket.settings.checksum == .sha256
                ? "<ChecksumSHA256>\(Data(digest.parts[part.number - 1]).base64EncodedString())</ChecksumSHA256>" : ""
            return
                "<Part><PartNumber>\(part.number)</PartNumber><ETag>\(part.entityTag.xmlEscaped)</ETag>\(checksum)</Part>"
        }
        let text =
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\(list.joined())"
            + "</CompleteMultipartUpload>"
        let body = Array(text.utf8)
        var conditions = replacing ? [] : bucket.onlyNew
        while true {
            let request = S3Bucket.Request(
                method: .POST, key: upload.key, query: [("uploadId", id)],
                headers: [("Content-Type", "application/xml")] + conditions, body: .bytes(body),
                payload: S3Bucket.payload(of: body), headTimeout: .seconds(300), failsLate: true)
            let (reply, refusal) = try await bucket.ask(request, asked)
            guard let refusal else { return }
            switch try await upload.afterRefusal(refusal, hasConditions: !conditions.isEmpty) {
            case .done:
                await abort(id)
                return
            case .unconditionally: conditions = []
            case .failed:
                let failure = bucket.failure(refusal, reply, asked)
                if Self.staleness.contains(refusal.code) { throw Stale(refusal: failure) }
                throw failure
            }
        }
    }

    /// Frees what the server keeps of the upload. Best effort: what stays is taken by `removeAbandoned`, or the bucket's rule
    /// for stale uploads.
    private func abort(_ id: String) async {
        let request = S3Bucket.Request(
            method: .DELETE, key: upload.key, query: [("uploadId", id)], headTimeout: .seconds(5), tries: 1)
        // A task of its own: in one that was cancelled nothing could be asked any more.
        let farewell = Task { [bucket, asked] in try? await bucket.demand(request, asked) }
        _ = await farewell.value
    }
}
