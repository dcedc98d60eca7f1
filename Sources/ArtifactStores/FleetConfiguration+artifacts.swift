import DiskArtifacts
package import Fleet
import FoundationEssentials
package import Production
package import S3Artifacts

extension FleetConfiguration {
    /// The store of artifacts that the whole fleet shares: a bucket if one is configured, else a folder.
    ///
    /// - Throws: what is wrong with the bucket's settings, in words for a person. Nothing is asked of its server yet.
    package func openArtifacts() throws -> any RetainedArtifacts {
        try openBucket() ?? DiskArtifacts(root: URL(filePath: artifacts))
    }

    /// What tells whether this host sees the same store as others.
    package func openMark() throws -> any MarkedArtifacts {
        try openBucket() ?? StoreMark(root: artifacts)
    }

    /// What is missing for the bucket; empty where there is none, or its keys are at hand.
    package var lackingOfBucket: [ConfigurationProblem] { lacking.filter { $0.key.hasPrefix("artifacts.s3.") } }

    /// The bucket, if one is configured.
    ///
    /// - Throws: what is wrong with its settings, in words for a person.
    package func openBucket() throws -> S3Artifacts? {
        guard let bucket else { return nil }
        guard let accessKey = bucket.accessKey, let secretKey = bucket.secretKey else {
            throw ConfigurationError(problems: lackingOfBucket)
        }
        let addressing: S3Settings.Addressing? =
            switch bucket.addressing {
            case .automatic: nil
            case .path: .path
            case .virtualHost: .virtualHost
            }
        let settings = S3Settings(
            endpoint: bucket.endpoint, region: bucket.region, bucket: bucket.name, prefix: bucket.prefix,
            accessKey: accessKey, secretKey: secretKey, sessionToken: bucket.sessionToken,
            publicEndpoint: bucket.publicEndpoint, addressing: addressing,
            checksum: bucket.checksum == .md5 ? .md5 : .sha256, partSize: Int64(bucket.partSize) << 20)
        // A file is in use for as long as the attempt that asked for it may last.
        let longest = worker.timeLimit.values.max() ?? .seconds(3_600)
        let cache = CacheSettings(
            path: bucket.cachePath, limit: Int64(bucket.cacheSize) << 30, hold: longest + .seconds(600))
        return try S3Artifacts(settings, cache: cache, by: caller())
    }
}
