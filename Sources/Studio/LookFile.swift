import Editing
package import Media

/// A file that a channel's look names.
package struct LookFile: Sendable, Equatable {
    package enum Purpose: String, Sendable, Codable { case logo, intro, outro, music }

    package let purpose: Purpose
    package let path: String

    package init(_ purpose: Purpose, _ path: String) { (self.purpose, self.path) = (purpose, path) }

    /// What it is, in words: `1280×720, 4.0 s, with sound`.
    ///
    /// - Throws: what is wrong with it. It is looked at by its headers, from this host.
    package func check() async throws(MediaError) -> String {
        switch purpose {
        case .logo:
            guard case .still(let still) = try await Footage(lookingAt: path) else {
                throw MediaError(.unsupported, "use as logo", file: path, reason: "it is a film, not a picture")
            }
            return "\(still.width)×\(still.height)"
        case .intro, .outro:
            guard case .film(let film) = try await Footage(lookingAt: path) else {
                throw MediaError(
                    .unsupported, "use as \(purpose.rawValue)", file: path, reason: "it is a picture, not a film")
            }
            let sound = film.hasSound ? "with sound" : "silent"
            return "\(film.width)×\(film.height), \((film.duration * 10).rounded() / 10) s, \(sound)"
        case .music:
            let probe = try await MediaProbe.probe(path, depth: .headers)
            guard probe.audio != nil else {
                throw MediaError(.unsupported, "use as music", file: path, reason: "there is no sound in it")
            }
            return "\((probe.duration * 10).rounded() / 10) s"
        }
    }
}
