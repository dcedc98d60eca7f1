import Crypto
package import Editing
package import Foundation
package import Media
package import Production

/// What a video is made of, found and drawn.
package struct Gathering: Sendable {
    package var material: Material
    /// What each file is, for those whose path says nothing to a person: `scene-2.png`.
    package var names: [String: String]
    /// What the channel wanted to be shown or heard, and why it is not.
    package var leftOut: [String]
    /// A picture that stands for the whole video.
    package var thumbnail: String
    /// The paths of what is the channel's own.
    package var own: Set<String> = []
    /// What of stock libraries is shown, by its path.
    package var stock: [String: [StockUse]] = [:]

    /// The same in the order in which it is shown.
    package var stockUses: [StockUse] {
        stock.values.joined().sorted { ($0.place.scene, $0.place.part) < ($1.place.scene, $1.place.part) }
    }

    package init(
        material: Material, names: [String: String] = [:], leftOut: [String] = [], thumbnail: String = ""
    ) {
        (self.material, self.names, self.leftOut, self.thumbnail) = (material, names, leftOut, thumbnail)
    }

    /// The material under names that people can read and that say nothing of this machine's folders.
    package var named: Material { material.named { names[$0] ?? $0 } }
}

/// Finds and makes what a video needs: for each scene the channel's own pictures and films, else those of a stock library, else a
/// drawn picture; the logo, the films before and after, the music. What can't be used is left out and told, and the video is made all
/// the same.
package struct Gatherer: Sendable {
    private let illustrator: any Illustrator
    let stock: (any StockFootage)?
    private let subject: String
    private let folder: URL
    private let store: (any SegmentStore)?

    /// - Parameters:
    ///   - stock: finds films and photos for this video; nil where there are none.
    ///   - subject: what the channel is about, in a few words: looked for when there is nothing for a scene's.
    ///   - folder: where pictures are drawn; it is there.
    ///   - store: keeps what is drawn, so that an interrupted video need not draw it again.
    package init(
        illustrator: any Illustrator, stock: (any StockFootage)? = nil, subject: String = "", folder: URL,
        store: (any SegmentStore)? = nil
    ) {
        (self.illustrator, self.stock, self.subject) = (illustrator, stock, subject)
        (self.folder, self.store) = (folder, store)
    }

    /// - Parameters:
    ///   - spoken: when each scene is heard: how much there is to be shown of it.
    ///   - unusable: the channel's own files that are known to be no good, and why.
    ///   - progress: told of each scene that is ready: how many are, and of how many.
    package func gather(
        for storyboard: Storyboard, editor: Editor, narration: String, spoken: [Narration.Span] = [],
        unusable: [String: String] = [:], progress: @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> Gathering {
        var gathering = Gathering(
            material: Material(narration: narration, scenes: []), names: [narration: "narration.wav"])
        for (index, scene) in storyboard.scenes.enumerated() {
            var footage: [Footage] = []
            for brief in [scene.picture] + (scene.further ?? []) {
                guard let file = brief.file else { continue }
                do {
                    if let reason = unusable[file] { throw EditingError(reason) }
                    footage.append(try await look(at: file))
                    gathering.own.insert(file)
                } catch {
                    gathering.leftOut.append("scene \(index + 1): \(error)")
                }
                try Task.checkCancellation()
            }
            if footage.isEmpty {
                let next = spoken.indices.contains(index + 1) ? spoken[index + 1].start : nil
                let seconds = spoken.indices.contains(index) ? (next ?? spoken[index].end) - spoken[index].start : 0
                footage = try await findStock(
                    for: scene, number: index, seconds: seconds, of: storyboard, editor: editor, into: &gathering)
            }
            if footage.isEmpty {
                let picture = try await draw(scene.picture, number: index, editor: editor)
                gathering.names[picture.file] = "scene-\(index + 1).png"
                footage = [.still(picture)]
            }
            gathering.material.scenes.append(footage)
            progress(index + 1, storyboard.scenes.count)
        }
        if let still = gathering.material.firstStill {
            gathering.thumbnail = still
        } else if let first = storyboard.scenes.first {
            gathering.thumbnail = try await draw(first.picture, number: 0, editor: editor).file
        }
        try await addLook(editor, unusable, to: &gathering)
        return gathering
    }

    /// Seconds after which something else is shown, where a scene has several things to show.
    private static let stockLength = 7.0

    /// What a stock library has for a scene: one thing, and more where the scene is long.
    private func findStock(
        for scene: Storyboard.Scene, number: Int, seconds: Double, of storyboard: Storyboard, editor: Editor,
        into gathering: inout Gathering
    ) async throws -> [Footage] {
        guard let stock else { return [] }
        let briefs = [scene.picture] + (scene.further ?? [])
        let parts = max(1, min(3, Int(seconds / Self.stockLength)))
        var footage: [Footage] = []
        for part in 0..<parts {
            let wish = StockWish(
                place: StockPlace(scene: number, part: part), about: briefs[min(part, briefs.count - 1)].about,
                widening: [scene.heading, subject], language: storyboard.language,
                orientation: editor.format.orientation, width: editor.format.size.width,
                height: editor.format.size.height,
                // Transitions show a little more of it.
                seconds: seconds / Double(parts) + 1, scene: scene.kind, seed: editor.seed)
            guard let (use, file) = try await stock.find(wish) else { continue }
            let path = file.path(percentEncoded: false)
            do {
                footage.append(try await look(at: path))
            } catch {
                try await stock.refuse(use, because: "\(error)")
                continue
            }
            gathering.stock[path, default: []].append(use)
            let (name, ending) = (use.item.name, use.item.name.kind == .film ? "mp4" : "jpg")
            gathering.names[path] = "\(name.provider)-\(name.kind.rawValue)-\(name.id).\(ending)"
        }
        return footage
    }

    private func addLook(
        _ editor: Editor, _ unusable: [String: String], to gathering: inout Gathering
    ) async throws {
        func film(_ what: String, _ path: String?) async throws -> Film? {
            guard let path else { return nil }
            try Task.checkCancellation()
            do {
                if let reason = unusable[path] { throw EditingError(reason) }
                guard case .film(let film) = try await look(at: path) else {
                    throw MediaError(.unsupported, "use as \(what)", file: path, reason: "it is a picture, not a film")
                }
                return film
            } catch {
                gathering.leftOut.append("\(what): \(error)")
                return nil
            }
        }
        gathering.material.intro = try await film("intro", editor.look.intro)
        gathering.material.outro = try await film("outro", editor.look.outro)
        if let logo = editor.look.logo {
            do {
                if let reason = unusable[logo] { throw EditingError(reason) }
                guard case .still = try await look(at: logo) else {
                    throw MediaError(.unsupported, "use as logo", file: logo, reason: "it is a film, not a picture")
                }
                gathering.material.logo = logo
            } catch {
                gathering.leftOut.append("logo: \(error)")
            }
        }
        if let music = editor.musicFile {
            do {
                if let reason = unusable[music] { throw EditingError(reason) }
                _ = try await LookFile(.music, music).check()
                gathering.material.music = music
            } catch {
                gathering.leftOut.append("music: \(error)")
            }
        }
        let material = gathering.material
        gathering.own.formUnion(
            [material.intro?.file, material.outro?.file, material.logo, material.music].compactMap { $0 })
    }

    private func look(at path: String) async throws(MediaError) -> Footage { try await Footage(lookingAt: path) }

    private func draw(_ brief: PictureBrief, number: Int, editor: Editor) async throws -> Still {
        let (width, height) = editor.format.pictureSize
        let seed = editor.seed(scene: number)
        let key = Self.key(
            "picture \(illustrator.provider) \(width)x\(height) \(editor.palette.rawValue) \(seed) \(brief.about)")
        // A store that can't say is one that has nothing.
        if let kept = try? await store?.find(key) { return Still(file: kept, width: width, height: height) }
        let file = folder.appending(path: "scene-\(number + 1).png")
        try await illustrator.illustrate(
            PictureBrief(about: brief.about), palette: editor.palette, width: width, height: height, seed: seed,
            to: file)
        let drawn = file.path(percentEncoded: false)
        let path = (try? await store?.keep(drawn, as: key)) ?? drawn
        return Still(file: path, width: width, height: height)
    }

    private static func key(_ text: String) -> String {
        SHA256.hash(data: Data(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension Footage {
    /// What the file's headers say of it. Throws where it is neither a picture nor a film that can be shown.
    init(lookingAt path: String) async throws(MediaError) {
        let probe = try await MediaProbe.probe(path, depth: .headers)
        guard let video = probe.video, video.width > 0, video.height > 0 else {
            throw MediaError(.unsupported, "look at", file: path, reason: "there is no picture in it")
        }
        // Formats of single pictures are FFmpeg's pipes. A GIF may be either.
        let isFilm = !probe.container.hasSuffix("_pipe") && probe.duration >= 0.2
        guard isFilm else {
            self = .still(Still(file: path, width: video.shownWidth, height: video.shownHeight))
            return
        }
        self = .film(
            Film(
                file: path, width: video.shownWidth, height: video.shownHeight, duration: probe.duration,
                frameRate: video.frameRate, hasSound: probe.audio != nil))
    }
}
