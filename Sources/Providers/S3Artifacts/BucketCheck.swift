import FoundationEssentials
import HTTP
import NIOHTTP1
import Production

/// What a look at the bucket found, for a person.
package struct BucketFinding: Sendable, Equatable {
    package enum Outcome: Sendable, Equatable { case ok, warning, failed }

    package let outcome: Outcome
    package let found: String
    /// What to do about it; nil where there is nothing to do.
    package let remedy: String?

    package init(_ outcome: Outcome, _ found: String, remedy: String? = nil) {
        (self.outcome, self.found, self.remedy) = (outcome, found, remedy)
    }
}

extension S3Artifacts {
    /// Whether the bucket can be used as it is configured: reached, there, ours to list, write, read and delete, with a clock
    /// that agrees, and with a rule for stale uploads. Writes a small object and deletes it. Tries nothing twice.
    package func examine() async throws -> [BucketFinding] {
        let (shown, endpoint) = (
            bucket.shown(bucket.settings.prefix.isEmpty ? nil : bucket.key("")), bucket.shownEndpoint
        )
        let asked = "list \(shown)"
        var look = S3Bucket.Request(
            method: .GET, query: [("list-type", "2"), ("max-keys", "1"), ("prefix", bucket.key(""))])
        look.tries = 1
        let reply: HTTPReply
        let refusal: S3Refusal?
        do {
            (reply, refusal) = try await bucket.ask(look, asked)
        } catch let failure as StageFailure {
            return [
                BucketFinding(
                    .failed, "\(endpoint) can't be reached: \(failure.answer)",
                    remedy: "Look at artifacts.s3.endpoint, the network, and the proxy and authorities, if any.")
            ]
        }
        var findings = clock(reply, isRefused: refusal?.code == "RequestTimeTooSkewed")
        if let refusal {
            if refusal.code != "RequestTimeTooSkewed" { findings.append(finding(refusal)) }
            return findings
        }
        guard XMLElement(document: reply.body)?.name == "ListBucketResult" else {
            findings.append(
                BucketFinding(
                    .failed, "what answers at \(endpoint) is no S3 server: \(reply.status) \(reply.excerpt(100))",
                    remedy: "Look at artifacts.s3.endpoint: a console or another server has the port."))
            return findings
        }
        do {
            try await tryOut()
            findings.append(BucketFinding(.ok, "\(shown) at \(endpoint) can be listed, written, read and deleted"))
        } catch let failure as StageFailure {
            findings.append(
                BucketFinding(
                    .failed, "\(failure.asked): \(failure.answer)", remedy: "Give the key the rights it lacks."))
            return findings
        }
        do {
            if try await !StaleUploads(bucket: bucket).hasRule() {
                findings.append(
                    BucketFinding(
                        .warning,
                        "\(bucket.shown()) has no rule that ends stale uploads: their parts cost money unseen",
                        remedy: "Add a lifecycle rule with AbortIncompleteMultipartUpload after some days."))
            }
        } catch is StageFailure {
            // Not every server has such rules, and not every key may read them. The coordinator ends stale uploads anyway.
        }
        return findings
    }

    private func clock(_ reply: HTTPReply, isRefused: Bool) -> [BucketFinding] {
        guard let theirs = reply.headers.first(name: "Date").flatMap(HTTPDate.parse) else { return [] }
        let skew = now().timeIntervalSince(theirs)
        guard isRefused || abs(skew) > Self.tolerance else { return [] }
        let direction = skew > 0 ? "ahead of" : "behind"
        return [
            BucketFinding(
                isRefused ? .failed : .warning,
                "this host's clock is \(Int(abs(skew))) s \(direction) the server's: S3 refuses requests beyond 15 minutes",
                remedy: "Set the clocks by NTP (timedatectl set-ntp true).")
        ]
    }

    private func finding(_ refusal: S3Refusal) -> BucketFinding {
        if refusal.isWrongRegion {
            let region = refusal.region.map { "\"\($0)\"" } ?? "another one"
            return BucketFinding(
                .failed, "\(bucket.shown()) is in the region \(region), not \"\(bucket.settings.region)\"",
                remedy: "Set artifacts.s3.region, and artifacts.s3.endpoint to that region's, if it names one.")
        }
        let remedy: String? =
            switch refusal.code {
            case "NoSuchBucket": "Make the bucket, or mend artifacts.s3.bucket."
            case "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken":
                "Look at artifacts.s3.access-key and secret-key."
            case "AccessDenied": "Give the key the rights it lacks."
            default: refusal.isTransient ? "Try again in a while." : nil
            }
        return BucketFinding(.failed, "\(bucket.shown()) can't be used: \(refusal.words)", remedy: remedy)
    }

    private func tryOut() async throws {
        let key = bucket.key(".examined-\(UUID().uuidString)")
        let bytes = Array("ytempire was here\n".utf8)
        try await bucket.put(bytes, as: key)
        guard try await bucket.get(key, limit: 1 << 10) == bytes else {
            throw bucket.failure(.permanent, "read \(bucket.shown(key))", "it is not what was written a moment ago")
        }
        try await bucket.delete(key)
    }

    /// Seconds by which clocks may differ before it is worth a word.
    private static let tolerance = 120.0
}
