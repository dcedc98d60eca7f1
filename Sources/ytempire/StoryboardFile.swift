import ArgumentParser
import Foundation
import Production

/// A storyboard as a person writes it: a title and scenes. Whatever else a storyboard has may be there, or not.
struct StoryboardFile: Decodable {
    private struct Scene: Decodable {
        var kind: Storyboard.Scene.Kind?
        var narration: String
        var heading: String?
        var picture: Picture?
        var further: [Picture]?
    }

    /// `"path"`, or `{"about": "…", "file": "path"}`
    private struct Picture: Decodable {
        let about: String?
        let file: String?

        private enum CodingKeys: CodingKey { case about, file }

        init(from decoder: any Decoder) throws {
            if let path = try? decoder.singleValueContainer().decode(String.self) {
                (about, file) = (nil, path)
            } else {
                let values = try decoder.container(keyedBy: CodingKeys.self)
                about = try values.decodeIfPresent(String.self, forKey: .about)
                file = try values.decodeIfPresent(String.self, forKey: .file)
            }
        }
    }

    private let title: String
    private let description: String?
    private let language: String?
    private let source: Storyboard.Source?
    private let scenes: [Scene]

    /// Reads the file. Pictures' paths are taken from where it lies.
    ///
    /// - Throws: `ValidationError`, saying what is wrong where.
    static func read(_ path: String) throws -> Storyboard {
        let file = URL(filePath: path)
        let bytes: Data
        do {
            bytes = try Data(contentsOf: file)
        } catch {
            throw ValidationError("\(path) can't be read: \(error.localizedDescription)")
        }
        do {
            let story = try JSONDecoder().decode(StoryboardFile.self, from: bytes)
            guard !story.scenes.isEmpty else { throw ValidationError("\(path) has no scenes.") }
            return story.storyboard(in: file.deletingLastPathComponent())
        } catch let error as DecodingError {
            throw ValidationError("\(path) is no storyboard: \(Self.reason(of: error))")
        }
    }

    private func storyboard(in folder: URL) -> Storyboard {
        func brief(_ picture: Picture?, _ scene: Scene) -> PictureBrief {
            let file = picture?.file.map {
                URL(filePath: $0, relativeTo: folder).standardizedFileURL.path(percentEncoded: false)
            }
            let words = scene.heading.flatMap { $0.isEmpty ? nil : $0 } ?? scene.narration
            return PictureBrief(about: picture?.about ?? String(words.prefix(60)), file: file)
        }
        return Storyboard(
            title: title, description: description ?? "", tags: [], language: language ?? "en",
            source: source ?? .init(key: title, title: title, link: nil, author: nil),
            scenes: scenes.enumerated().map { index, scene in
                Storyboard.Scene(
                    kind: scene.kind ?? (index == 0 ? .opening : index == scenes.count - 1 ? .closing : .body),
                    narration: scene.narration, heading: scene.heading ?? "", picture: brief(scene.picture, scene),
                    further: scene.further?.map { brief($0, scene) })
            })
    }

    /// Where and what: `scenes, 3: "narration" is missing`.
    static func reason(of error: DecodingError) -> String {
        func place(_ path: [any CodingKey]) -> String {
            path.isEmpty
                ? "" : path.map { $0.intValue.map { "\($0 + 1)" } ?? $0.stringValue }.joined(separator: ", ") + ": "
        }
        return switch error {
        case .keyNotFound(let key, let context): "\(place(context.codingPath))\"\(key.stringValue)\" is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            place(context.codingPath) + context.debugDescription
        @unknown default: "\(error)"
        }
    }
}
