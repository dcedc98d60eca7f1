import FleetPeers
import Foundation
import ProviderPeers
import TestServers

/// A secret that is planted, and what must then be found nowhere.
struct Canary: Sendable {
    let name: String
    let value: String
    /// Whether its ends alone are like nothing else.
    var hasTellingEnds = false
    var furtherTraces: [String] = []

    /// Grep's patterns: the value, its beginning and its end, and what Base64, hexadecimal digits, addresses and JSON make of it.
    var traces: [String] {
        let bytes = Array(value.utf8)
        // Within a longer text three encodings are possible; each without the characters that its neighbours have a say in.
        let encoded = (0..<3).map { shift in
            let text = Data(Array(repeating: 0, count: shift) + bytes).base64EncodedString()
            return String(
                text.dropFirst(shift == 0 ? 0 : 4).prefix((bytes.count + shift) / 3 * 4 - (shift == 0 ? 0 : 4)))
        }
        let hex = bytes.map { String(format: "%02x", $0) }.joined()
        let unreserved = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
        let address = value.addingPercentEncoding(withAllowedCharacters: unreserved) ?? value
        let parts = hasTellingEnds ? [String(value.prefix(12)), String(value.suffix(12))] : []
        return Array(
            Set(
                [value, hex, hex.uppercased(), address, value.replacing("/", with: #"\/"#)] + encoded + parts
                    + furtherTraces))
    }

    /// One that nobody has seen before, in the shape of what it stands for.
    static func fresh(_ name: String, _ prefix: String = "") -> Canary {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        let tail = String((0..<36).map { _ in letters.randomElement() ?? "x" })
        return Canary(name: name, value: prefix + tail, hasTellingEnds: true)
    }
}

/// The canaries of one fleet.
struct Aviary: Sendable {
    let openAI = Canary.fresh("OpenAI's key", "sk-")
    let elevenLabs = Canary.fresh("ElevenLabs' key", "sk_")
    let pexels = Canary.fresh("Pexels' key")
    // With what other texts write differently.
    let s3 = Canary.fresh("the S3 secret", "a/b+c/")
    let postgres = Canary.fresh("Postgres' password")
    let redis = Canary.fresh("Redis' password")
    let signing = Canary.fresh("the webhooks' secret")
    let token = Canary.fresh("the webhooks' token")
    let hook = Canary.fresh("the webhook's address")
    let google = Canary(name: "Google's client secret", value: YouTubePeer.clientSecret)
    // As the peer makes them up: with a number behind.
    let given = [
        Canary(name: "a refresh token", value: "1//refresh-canary"),
        Canary(name: "an access token", value: "ya29.canary"),
        Canary(name: "a consent code", value: "4/code-canary"),
        Canary(name: "an upload's address", value: "upload-canary"),
    ]

    /// Keys that nobody knows, in the order of the stages; then the passwords, and the S3 secret.
    let wrong = [
        Canary.fresh("a wrong key of OpenAI's", "sk-"), Canary.fresh("a wrong key of ElevenLabs'", "sk_"),
        Canary.fresh("a wrong key of Pexels'"), Canary.fresh("a wrong client secret", "GOCSPX-"),
        Canary.fresh("a wrong password of Postgres'"), Canary.fresh("a wrong password of Redis'"),
        Canary.fresh("a wrong S3 secret", "c+d/"),
    ]

    var planted: [Canary] { [openAI, elevenLabs, pexels, s3, postgres, redis, signing, token, hook, google] }
}

/// Looks for canaries in files. The work is grep's, which knows nothing of who wrote them.
struct Cat {
    let canaries: [Canary]
    let folder: URL

    /// What was found: a canary's name, and where.
    struct Catch: Hashable, CustomStringConvertible {
        let canary: String
        let file: String
        let text: String

        var description: String { "\(canary) in \(file): \(text)" }
    }

    /// - Parameter leavingOut: names of files that are meant to have them.
    func hunt(in places: [String], leavingOut: [String] = []) throws -> Set<Catch> {
        let patterns = folder.appending(path: "patterns")
        let all = canaries.flatMap { canary in canary.traces.map { (canary.name, $0) } }
        try Data(all.map { $0.1 + "\n" }.joined().utf8).write(to: patterns)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            [
                "grep", "--recursive", "--text", "--only-matching", "--with-filename", "--null", "--fixed-strings",
                "--no-messages", "--devices=skip",
            ]
            + leavingOut.map { "--exclude=\($0)" } + ["--file", patterns.path, "--"] + places
        process.environment = ["LC_ALL": "C", "PATH": "/usr/bin:/bin"]
        let found = folder.appending(path: "found")
        try Data().write(to: found)
        process.standardOutput = try FileHandle(forWritingTo: found)
        try process.run()
        process.waitUntilExit()
        // 1: nothing. Sockets are passed over, files that vanish meanwhile too.
        guard [0, 1, 2].contains(process.terminationStatus) else {
            throw ServerError("grep ended with \(process.terminationStatus)")
        }
        let lines = String(decoding: try Data(contentsOf: found), as: UTF8.self).split(separator: "\n")
        return Set(
            lines.map { line in
                let parts = line.split(separator: "\0", maxSplits: 1).map(String.init)
                let name = all.first { $0.1 == parts.last }?.0 ?? "?"
                return Catch(canary: name, file: parts[0], text: parts.last ?? "")
            })
    }

    /// Files and bytes below these places.
    static func extent(of places: [String]) -> (files: Int, bytes: Int) {
        var (files, bytes) = (0, 0)
        for place in places {
            for case let file as URL in FileManager.default.enumerator(
                at: URL(filePath: place), includingPropertiesForKeys: [.fileSizeKey, .isRegularFileKey]) ?? .init()
            {
                let values = try? file.resourceValues(forKeys: [.fileSizeKey, .isRegularFileKey])
                guard values?.isRegularFile == true else { continue }
                (files, bytes) = (files + 1, bytes + (values?.fileSize ?? 0))
            }
        }
        return (files, bytes)
    }
}
