import CFFmpeg
import Foundation

/// Names a piece of a video by all that it is made from: the cut, the bytes of its files, the encoder. Two renders that agree on
/// it make the same piece.
struct PieceKey {
    /// Raised when the same cut would be drawn or encoded otherwise than before.
    private static let renderer = 3

    private let common: String

    /// - Parameter encoder: what of it changes the result: ``EncoderChoice/signature(_:)``.
    init(_ cut: Cut, encoder: String, flag: CancellationFlag) throws(MediaError) {
        var digests: [String: String] = [:]
        for file in cut.files where digests[file] == nil {
            digests[file] = try Self.digest(ofFile: file, flag: flag)
        }
        let json = JSONEncoder()
        json.outputFormatting = [.sortedKeys]
        let text: String
        do {
            text = String(decoding: try json.encode(cut), as: UTF8.self)
        } catch {
            throw MediaError(.failed, "name the video's pieces", reason: "\(error)")
        }
        // Where a file lies says nothing: what is in it does. Files come in the order in which the cut names them.
        let contents = cut.files.map { digests[$0] ?? "" }.joined(separator: ",")
        let names = digests.keys.sorted { $0.count > $1.count }
        let anonymous = names.reduce(text) { text, name in text.replacing(Self.written(name), with: "") }
        let hash = try SHA256()
        hash.add(Array("\(Self.renderer) \(encoder) \(Self.version) \(contents) \(anonymous)".utf8))
        common = hash.digits
    }

    /// 64 digits.
    func name(of piece: RenderSession.Piece) throws(MediaError) -> String {
        let hash = try SHA256()
        switch piece {
        case .sound: hash.add(Array("sound \(common)".utf8))
        case .picture(let frames): hash.add(Array("picture \(frames.lowerBound) \(frames.upperBound) \(common)".utf8))
        }
        return hash.digits
    }

    /// FFmpeg's, with the distribution's own: its filters draw, and its AAC encoder is a part of it.
    private static var version: String { String(cString: av_version_info()) }

    /// As JSON has it.
    private static func written(_ name: String) -> String {
        guard let bytes = try? JSONEncoder().encode(name) else { return name }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func digest(ofFile path: String, flag: CancellationFlag) throws(MediaError) -> String {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw MediaError(.unreadable, "read", file: path, reason: String(cString: strerror(errno)))
        }
        defer { try? file.close() }
        let hash = try SHA256()
        while true {
            try flag.check("read")
            let bytes: Data
            do {
                bytes = try file.read(upToCount: 1 << 20) ?? Data()
            } catch {
                throw MediaError(.unreadable, "read", file: path, reason: "\(error)")
            }
            if bytes.isEmpty { return hash.digits }
            bytes.withUnsafeBytes { hash.add($0) }
        }
    }
}
