import FoundationEssentials
import HTTP
import NIOHTTP1
import Production

/// Multipart uploads that nobody goes on with. Their parts cost money and no listing of objects shows them.
struct StaleUploads: Sendable {
    let bucket: S3Bucket

    static let ruleID = "ytempire-stale-uploads"

    /// Ends every upload under our prefix that was begun before `moment`. Answers how many there were.
    func end(before moment: Date) async throws -> Int {
        let prefix = bucket.key("")
        var stale: [(key: String, id: String)] = []
        try await bucket.list(
            [("uploads", ""), ("prefix", prefix)],
            following: [("key-marker", "NextKeyMarker"), ("upload-id-marker", "NextUploadIdMarker")],
            "list the uploads to \(bucket.shown(prefix))"
        ) { page in
            for upload in page.all("Upload") {
                guard let key = upload["Key"], key.hasPrefix(prefix), let id = upload["UploadId"],
                    let begun = upload["Initiated"].flatMap(Self.date), begun < moment
                else { continue }
                stale.append((key, id))
            }
        }
        for upload in stale {
            let asked = "end the upload of \(bucket.shown(upload.key))"
            let request = S3Bucket.Request(method: .DELETE, key: upload.key, query: [("uploadId", upload.id)])
            let (reply, refusal) = try await bucket.ask(request, asked)
            // Ended meanwhile
            if let refusal, refusal.code != "NoSuchUpload" { throw bucket.failure(refusal, reply, asked) }
        }
        return stale.count
    }

    /// Has the server itself end uploads under our prefix some days after they were begun. All other rules stay as they are.
    /// Answers whether there was anything to change.
    func setRule(days: Int) async throws -> Bool {
        let rules = try await rules()
        let rule = rule(days: days)
        let old = rules.first { $0["ID"] == Self.ruleID }
        let action = old?.children.first { $0.name == "AbortIncompleteMultipartUpload" }
        let filter = old?.children.first { $0.name == "Filter" }
        if action?["DaysAfterInitiation"] == "\(days)", old?["Status"] == "Enabled",
            (filter?["Prefix"] ?? "") == bucket.key("")
        {
            return false
        }
        let others = rules.filter { $0["ID"] != Self.ruleID }.map(\.source)
        let text =
            "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\((others + [rule]).joined())"
            + "</LifecycleConfiguration>"
        let body = Array(text.utf8)
        let request = S3Bucket.Request(
            method: .PUT, query: [("lifecycle", "")],
            // Asked for by AWS whatever checksum there is beside.
            headers: [("Content-MD5", S3Bucket.md5(of: body)), ("Content-Type", "application/xml")],
            body: .bytes(body), payload: S3Bucket.payload(of: body))
        try await bucket.demand(request, "write the lifecycle rules of \(bucket.shown())")
        return true
    }

    /// Whether the server ends stale uploads under our prefix by itself, by our rule or another.
    func hasRule() async throws -> Bool {
        try await rules().contains { rule in
            let filter = rule.children.first { $0.name == "Filter" }
            let prefix = filter?["Prefix"] ?? rule["Prefix"] ?? ""
            return rule["Status"] == "Enabled" && !rule.all("AbortIncompleteMultipartUpload").isEmpty
                && bucket.key("").hasPrefix(prefix)
        }
    }

    private func rules() async throws -> [XMLElement] {
        let asked = "read the lifecycle rules of \(bucket.shown())"
        let (reply, refusal) = try await bucket.ask(.init(method: .GET, query: [("lifecycle", "")]), asked)
        if let refusal {
            if refusal.code == "NoSuchLifecycleConfiguration" { return [] }
            throw bucket.failure(refusal, reply, asked)
        }
        guard let document = XMLElement(document: reply.body) else {
            throw bucket.failure(.permanent, asked, "no S3 answer: \(reply.excerpt(200))")
        }
        return document.all("Rule")
    }

    private func rule(days: Int) -> String {
        "<Rule><ID>\(Self.ruleID)</ID><Filter><Prefix>\(bucket.key("").xmlEscaped)</Prefix></Filter>"
            + "<Status>Enabled</Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>\(days)</DaysAfterInitiation>"
            + "</AbortIncompleteMultipartUpload></Rule>"
    }

    /// `2010-11-10T20:48:33.000Z`
    private static func date(_ text: String) -> Date? {
        (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
            ?? (try? Date(text, strategy: Date.ISO8601FormatStyle()))
    }
}

extension S3Artifacts {
    /// Has the server end uploads that nobody goes on with, some days after they were begun. All other lifecycle rules stay.
    /// Answers whether there was anything to change.
    package func expireStaleUploads(afterDays days: Int) async throws -> Bool {
        try await StaleUploads(bucket: bucket).setRule(days: max(days, 1))
    }
}
