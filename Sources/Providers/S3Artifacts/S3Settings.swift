package import Production

/// Which bucket artifacts are kept in, by which keys, and how.
package struct S3Settings: Sendable {
    /// Where the bucket's name stands in an address.
    package enum Addressing: String, Sendable, CaseIterable {
        /// `https://host/bucket/key`
        case path
        /// `https://bucket.host/key`
        case virtualHost = "virtual-host"
    }

    /// What the server is given to check each body by, beside the hash in the signature, which every server that implements
    /// Signature Version 4 fully checks too.
    package enum Checksum: String, Sendable, CaseIterable {
        /// `x-amz-checksum-sha256`: AWS and MinIO.
        case sha256
        /// `Content-MD5`: every server, the older ones too.
        case md5
    }

    /// `https://s3.eu-central-1.amazonaws.com`, `http://127.0.0.1:9000`
    package var endpoint: String
    /// Where people reach the same server, for links; nil if that is `endpoint`.
    package var publicEndpoint: String?
    /// Part of every signature. MinIO's is `us-east-1` unless it is told otherwise.
    package var region: String
    package var bucket: String
    /// What every object's name begins with, without slashes at its ends; empty for none.
    package var prefix: String
    /// Nil: in the host name at amazonaws.com unless the bucket's name has dots (no certificate would match), in the path
    /// elsewhere.
    package var addressing: Addressing?
    package var accessKey: String
    package var secretKey: Secret
    /// Of temporary keys.
    package var sessionToken: Secret?
    package var checksum: Checksum
    /// Whether `If-None-Match: *` is sent, so that no object is replaced by one that was already on its way. A server that
    /// answers that it can't do that is not asked so again.
    package var conditional: Bool
    /// Files larger than a part are sent in parts. Bytes; S3 wants at least 5 MiB and at most 10,000 parts, so that the parts
    /// of a very large file are larger.
    package var partSize: Int64
    /// Parts of one file that are on their way at once.
    package var partsAtOnce: Int
    /// Tries of one request, the first included.
    package var tries: Int
    package var backoff: Backoff

    package init(
        endpoint: String, region: String = "us-east-1", bucket: String, prefix: String = "", accessKey: String,
        secretKey: Secret, sessionToken: Secret? = nil, publicEndpoint: String? = nil, addressing: Addressing? = nil,
        checksum: Checksum = .sha256, conditional: Bool = true, partSize: Int64 = 16 << 20, partsAtOnce: Int = 4,
        tries: Int = 6, backoff: Backoff = Backoff(base: .milliseconds(200), cap: .seconds(20))
    ) {
        (self.endpoint, self.publicEndpoint, self.region, self.bucket) = (endpoint, publicEndpoint, region, bucket)
        (self.prefix, self.addressing, self.accessKey, self.secretKey) = (prefix, addressing, accessKey, secretKey)
        (self.sessionToken, self.checksum, self.conditional) = (sessionToken, checksum, conditional)
        (self.partSize, self.partsAtOnce, self.tries, self.backoff) = (partSize, partsAtOnce, tries, backoff)
    }
}

/// Where a host keeps copies of what it fetched from the bucket, or put there.
package struct CacheSettings: Sendable {
    /// Shared by all processes of the host.
    package var path: String
    /// Bytes. What was used least recently goes first; what was handed out within `hold` stays, above the limit if need be.
    package var limit: Int64
    /// As long as an attempt may use a file after it has asked for it: longer than any stage's time limit.
    package var hold: Duration

    package init(path: String, limit: Int64 = 20 << 30, hold: Duration = .seconds(6 * 3_600)) {
        (self.path, self.limit, self.hold) = (path, limit, hold)
    }
}
