package import DurableFiles
package import FoundationEssentials
package import HTTP
package import Production

/// Keeps artifacts in a bucket of any S3-compatible store: `PREFIX/aa/bb/HASH`, as `DiskArtifacts` does in a folder. Any
/// number of hosts share a bucket; each has a cache on its disk, from which files are handed out.
///
/// The bucket is the truth: whatever is asked for is looked up there, so that what retention has removed is missed at once,
/// and the cache only saves the way. This takes a store that shows every write to every reader at once, as AWS and MinIO do.
package struct S3Artifacts: RetainedArtifacts {
    package let responses: any ResponseStore
    let bucket: S3Bucket
    let cache: ArtifactCache
    let now: @Sendable () -> Date

    /// - Parameters:
    ///   - caller: the way out, with its proxy and its authorities.
    ///   - pause: waits between tries.
    /// - Throws: `S3SettingsFault`. Nothing is asked of the server and nothing made on the disk before it is needed.
    package init(
        _ settings: S3Settings, cache: CacheSettings, by caller: HTTPCaller,
        now: @escaping @Sendable () -> Date = { Date() },
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) throws(S3SettingsFault) {
        bucket = try S3Bucket(settings, by: caller, now: now, pause: pause)
        self.cache = ArtifactCache(cache, now: now)
        self.now = now
        responses = S3Responses(bucket, now: now)
    }

    /// Takes the file into the cache, and brings it into the bucket unless it is there. When this returns, the server has
    /// compared the bytes with their hash, answered that it has them, and been asked again.
    ///
    /// Cancelled, or refused for good, nothing bears the artifact's name in the bucket and no part of it stays. Where trying
    /// again may help, the parts that were sent stay for whoever does.
    ///
    /// - Throws: `StageFailure` of the server's, `FileFault` of the disk's, `ArtifactFault(.changed)`.
    package func keep(_ file: URL) async throws -> Artifact {
        let (digest, path) = try await cache.take(
            file, partSize: bucket.settings.partSize, withMD5: bucket.settings.checksum == .md5)
        let key = key(of: digest.artifact.id)
        let there = try await bucket.head(key, writing: true)
        if there?.holds(digest.artifact) == true { return digest.artifact }
        try await Upload(bucket: bucket, key: key, path: path, digest: digest).run(replacing: there != nil)
        return digest.artifact
    }

    /// The artifact's file in the cache, its bytes checked against its name. It stays there for `CacheSettings.hold`.
    ///
    /// - Throws: `ArtifactFault` (`.missing`, `.corrupt`) by what is in the bucket; `StageFailure` if it can't be asked;
    ///   `FileFault`.
    package func file(of artifact: Artifact.ID) async throws -> URL {
        let key = key(of: artifact)
        guard let object = try await bucket.head(key) else {
            throw ArtifactFault(.missing, path: bucket.shown(key))
        }
        if let damage = object.damage {
            throw ArtifactFault(.corrupt(expected: artifact, found: damage), path: bucket.shown(key))
        }
        if let file = try await cache.find(artifact) { return file }
        var found: Artifact.ID?
        // Twice, since bytes may also be damaged on their way.
        for _ in 1...2 {
            do {
                return try await cache.fetch(artifact, bytes: object.bytes) { path in
                    try await bucket.download(key, to: path, bytes: object.bytes)
                }
            } catch let mismatch as ArtifactCache.Mismatch {
                guard mismatch.found == found else {
                    found = mismatch.found
                    continue
                }
                try await bucket.markDamaged(key, object, found: mismatch.found)
                throw ArtifactFault(.corrupt(expected: artifact, found: mismatch.found), path: bucket.shown(key))
            }
        }
        throw bucket.failure(
            .transient(), "fetch \(bucket.shown(key))", "its bytes were damaged on the way, differently each time")
    }

    @discardableResult
    package func remove(_ artifact: Artifact.ID) async throws -> Bool {
        let key = key(of: artifact)
        let there = try await bucket.head(key) != nil
        if there { try await bucket.delete(key) }
        try await cache.drop(artifact)
        return there
    }

    /// Deletes what killed processes left half fetched on this host, and ends the uploads to the bucket that nobody ended.
    @discardableResult
    package func removeAbandoned(before moment: Date) async throws -> Int {
        try await cache.removeAbandoned(before: moment) + StaleUploads(bucket: bucket).end(before: moment)
    }

    /// How much the bucket and this host's cache hold. Lists the bucket: for `doctor`, not for a loop.
    package func usage() async throws -> S3Usage {
        var (artifacts, bytes) = (0, Int64(0))
        let prefix = bucket.key("")
        try await bucket.list(
            [("list-type", "2"), ("prefix", prefix)],
            following: [("continuation-token", "NextContinuationToken")], "list \(bucket.shown(prefix))"
        ) { page in
            for object in page.all("Contents") {
                guard let key = object["Key"], let id = Artifact.ID(hex: String(key.suffix(64))),
                    key == self.key(of: id), let size = object["Size"].flatMap({ Int64($0) })
                else { continue }
                artifacts += 1
                bytes += size
            }
        }
        let local = try await cache.usage()
        return S3Usage(
            artifacts: artifacts, bytes: bytes, cachedFiles: local.files, cachedBytes: local.bytes, space: local.space)
    }

    /// An address at which a person without any key can fetch the artifact for a while, at the public endpoint.
    ///
    /// - Parameters:
    ///   - lifetime: a second to a week; with temporary keys no longer than they live.
    ///   - name: what a browser saves it as.
    ///   - type: its media type: artifacts themselves have none.
    package func link(
        to artifact: Artifact.ID, lifetime: Duration = .seconds(3_600), name: String? = nil, type: String? = nil
    ) -> String {
        var query: [(name: String, value: String)] = []
        if let name {
            let plain = String(name.map { $0.isASCII && $0 != "\"" && $0 != "\\" && !$0.isNewline ? $0 : "_" })
            query.append(
                (
                    "response-content-disposition",
                    "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(name.percentEncoded())"
                ))
        }
        if let type { query.append(("response-content-type", type)) }
        let seconds = min(max(lifetime.components.seconds, 1), 604_800)
        return bucket.link(to: key(of: artifact), query: query, seconds: Int(seconds))
    }

    func key(of artifact: Artifact.ID) -> String {
        let name = artifact.description
        return bucket.key("\(name.prefix(2))/\(name.dropFirst(2).prefix(2))/\(name)")
    }
}

/// How much is in the bucket, and on this host.
package struct S3Usage: Sendable, Equatable {
    package let artifacts: Int
    package let bytes: Int64
    package let cachedFiles: Int
    package let cachedBytes: Int64
    /// Of the file system that the cache lies on.
    package let space: DiskSpace
}
