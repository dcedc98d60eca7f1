import Postgres
import ProviderPeers

extension Oracle {
    /// One video for each publication, on YouTube's side, and it is the one that the job has.
    func checkChannel(of peers: FleetPeers, _ verdict: inout Verdict) async throws {
        let there = peers.videosByMarker
        var expected: Set<String> = []
        for row in try await fleet.database.query(
            """
            SELECT p.job_id, p.marker, p.remote_id, encode(ja.sha256, 'hex') AS hash FROM publications p
            JOIN job_artifacts ja ON ja.job_id = p.job_id AND ja.kind = 'video' WHERE p.published_at IS NOT NULL
            """)
        {
            let (job, marker): (Int64, String) = (try row.get("job_id"), try row.get("marker"))
            expected.insert(marker)
            let videos = there[marker] ?? []
            guard let video = videos.first else {
                verdict.note("published, and not on YouTube", [job])
                continue
            }
            if videos.count > 1 {
                verdict.doubled += 1
                verdict.note("on YouTube \(videos.count) times", [job])
            }
            let (id, hash): (String?, String) = (try row.get("remote_id"), try row.get("hash"))
            if video.id != id { verdict.note("YouTube calls it \(video.id), the ledger \(id ?? "nothing")", [job]) }
            if video.sha256 != hash { verdict.note("another video published than kept", [job]) }
        }
        for stranger in Set(there.keys).subtracting(expected).sorted() {
            verdict.violations.append(("on YouTube, and not published: \(stranger)", []))
        }
        // What the real one's documentation forbids.
        for complaint in peers.youTube.complaints { verdict.violations.append(("YouTube complains: \(complaint)", [])) }
    }
}
