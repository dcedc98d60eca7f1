import CXML2
import DiskArtifacts
import Foundation
import Media
import Postgres
import Production
import Testing

/// A job's published video, with what it was made from.
struct PublishedVideo {
    let file: URL
    let probe: MediaProbe
    let storyboard: Storyboard
    let narration: Narration
    let manifest: VideoManifest

    /// Fails unless the job was published once, all its artifacts exist, and the bytes that went out are the artifacts'.
    init(job: Int64, in fleet: TestFleet) async throws {
        let locations = try await fleet.texts(
            "SELECT location FROM publications WHERE job_id = \(job) AND published_at IS NOT NULL")
        let location = try #require(locations.first, "job \(job) was not published")
        file = URL(filePath: location)
        let store = DiskArtifacts(root: fleet.folder.appending(path: "artifacts"))
        var artifacts: [Artifact.Kind: Data] = [:]
        for row in try await fleet.rows("SELECT kind, sha256 FROM job_artifacts WHERE job_id = \(job)") {
            let kind = try #require(Artifact.Kind(rawValue: row.get("kind")))
            let id = try #require(Artifact.ID(bytes: row.get("sha256")))
            artifacts[kind] = try Data(contentsOf: try await store.file(of: id))
        }
        #expect(Set(artifacts.keys) == Set(Artifact.Kind.allCases))
        let decoder = JSONDecoder()
        storyboard = try decoder.decode(Storyboard.self, from: #require(artifacts[.storyboard]))
        narration = try decoder.decode(Narration.self, from: #require(artifacts[.timings]))
        manifest = try decoder.decode(VideoManifest.self, from: #require(artifacts[.manifest]))
        #expect(try Data(contentsOf: file) == artifacts[.video])
        probe = try await MediaProbe.probe(file.path)
    }

    func beside(_ ending: String) -> URL { file.deletingPathExtension().appendingPathExtension(ending) }

    /// Everything that is promised of a published video.
    func check(width: Int, height: Int) async throws {
        let video = try #require(probe.video)
        let sound = try #require(probe.audio)
        #expect(video.codec == "h264" && video.profile == "High" && video.pixelFormat == "yuv420p")
        #expect((video.width, video.height) == (width, height))
        #expect(video.frameRate == 30)
        #expect(sound.codec == "aac" && sound.sampleRate == 48_000)

        let expected = 0.5 + narration.duration + 1.2
        #expect(abs(probe.duration - expected) < 0.1)
        #expect(abs(video.duration - expected) < 0.1 && abs(sound.duration - expected) < 0.1)
        let frames = try #require(video.frames)
        #expect(frames == manifest.frames)
        #expect(abs(Double(frames) / 30 - expected) < 0.1)
        #expect(video.start == 0 && sound.start == 0)
        #expect(probe.indexComesFirst && !probe.hasEditList)

        let loudness = try #require(sound.integratedLoudness)
        #expect((-15.0 ... -13.0).contains(loudness))
        #expect(try #require(sound.truePeak) < 0)
        #expect(video.meanLuma.count >= 8 && video.meanLuma.allSatisfy { $0 > 20 }, "no frame is black")
        #expect(try #require(video.lumaRange).upperBound > 120)

        #expect(try captionedWords() == storyboard.scenes.flatMap { spokenTokens(of: $0.narration).map(String.init) })
        let picture = try #require(try await MediaProbe.probe(beside("jpg").path, depth: .headers).video)
        #expect((picture.codec, picture.width, picture.height) == ("mjpeg", 1280, 720))
        #expect(FileManager.default.fileExists(atPath: beside("json").path))
    }

    /// The words of the captions' file, in order.
    private func captionedWords() throws -> [String] {
        let text = try String(contentsOf: beside("srt"), encoding: .utf8)
        return text.components(separatedBy: "\n\n").flatMap { page in
            page.split(separator: "\n").dropFirst(2).flatMap { $0.split(separator: " ").map(String.init) }
        }
    }

    /// The feed beside the video, as a parser reads it that forgives nothing: how many items it has.
    func feedItems() throws -> Int {
        let feed = try Data(contentsOf: file.deletingLastPathComponent().appending(path: "feed.xml"))
        let options = Int32(XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue)
        // Nil where it is not well-formed.
        let document: xmlDocPtr? = feed.withUnsafeBytes {
            xmlReadMemory($0.baseAddress, Int32($0.count), nil, nil, options)
        }
        defer { xmlFreeDoc(document) }
        let root: xmlNodePtr? = xmlDocGetRootElement(document)
        try #require(root != nil, "the feed is not well-formed")
        func count(_ name: String, below node: xmlNodePtr?) -> Int {
            var (sum, next) = (0, node?.pointee.children)
            while let child = next {
                let isMatch = child.pointee.type == XML_ELEMENT_NODE && String(cString: child.pointee.name) == name
                sum += (isMatch ? 1 : 0) + count(name, below: child)
                next = child.pointee.next
            }
            return sum
        }
        return count("item", below: root)
    }
}
