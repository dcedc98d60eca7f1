import CFFmpeg
import Foundation

/// Names a piece of a video by all that it is made from: the cut, the bytes of its files, the encoder. Two renders that agree on
/// it make the same piece.
struct PieceKey {
    /// Raised when the same cut would be drawn or encoded otherwise than before.
    private static let renderer = 2

    private let common: String

    /// - Parameter encoder: FFmpeg's name, and whatever else of it changes the result.
    init(_ cut: Cut, encoder: String, flag: CancellationFlag) throws(MediaError) {
        var digests: [String: String] = [:]
        for file in Self.files(of: cut) where digests[file] == nil {
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
        let contents = Self.files(of: cut).map { digests[$0] ?? "" }.joined(separator: ",")
        let names = digests.keys.sorted { $0.count > $1.count }
        let anonymous = names.reduce(text) { text, name in text.replacing(Self.written(name), with: "") }
        common = "\(Self.renderer) \(encoder) \(Self.versions) \(contents) \(anonymous)"
    }

    /// 64 digits.
    func picture(_ frames: Range<Int>) -> String {
        Self.digest(of: Array("picture \(frames.lowerBound) \(frames.upperBound) \(common)".utf8))
    }

    var sound: String { Self.digest(of: Array("sound \(common)".utf8)) }

    private static var versions: String { "\(avcodec_version()).\(avfilter_version())" }

    /// As JSON has it.
    private static func written(_ name: String) -> String {
        guard let bytes = try? JSONEncoder().encode(name) else { return name }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func files(of cut: Cut) -> [String] {
        var files: [String] = []
        for shot in cut.shots {
            switch shot.source {
            case .still(let file, _): files.append(file)
            case .clip(let clip): files.append(clip.file)
            case .plain: break
            }
        }
        if let logo = cut.logo { files.append(logo.file) }
        if let narration = cut.sound.narration { files.append(narration.file) }
        if case .file(let file) = cut.sound.music?.source { files.append(file) }
        return files + cut.sound.others.map(\.file)
    }

    private static func digest(ofFile path: String, flag: CancellationFlag) throws(MediaError) -> String {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw MediaError(.unreadable, "read", file: path, reason: String(cString: strerror(errno)))
        }
        defer { try? file.close() }
        let hash = SHA256()
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

    private static func digest(of bytes: [UInt8]) -> String {
        let hash = SHA256()
        bytes.withUnsafeBytes { hash.add($0) }
        return hash.digits
    }
}

/// FFmpeg's.
private final class SHA256 {
    private var context = av_sha_alloc()

    init() { av_sha_init(context, 256) }
    deinit { av_freep(&context) }

    func add(_ bytes: UnsafeRawBufferPointer) {
        av_sha_update(context, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
    }

    /// Lower-case hexadecimal. Nothing may be added afterwards.
    var digits: String {
        var digest = [UInt8](repeating: 0, count: 32)
        av_sha_final(context, &digest)
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
