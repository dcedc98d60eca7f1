import CFFmpeg

/// What failed, on which file, and FFmpeg's own words about it.
public struct MediaError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// The plan, or another argument, can't be carried out. Trying again won't help.
        case invalid
        /// A file is missing or can't be opened or read.
        case unreadable
        /// A file was read but is not what it should be: damaged, or of a kind that this FFmpeg can't decode.
        case damaged
        /// The result can't be written: no space, no folder, no permission.
        case unwritable
        /// This FFmpeg lacks a filter, an encoder or a format that is needed.
        case unsupported
        /// The task was cancelled.
        case cancelled
        /// An FFmpeg call failed for another reason, memory included.
        case failed
    }

    public let code: Code
    /// What was being done: "decode picture", "open encoder libx264".
    public let operation: String
    /// The file it was done to, or nil.
    public let file: String?
    /// FFmpeg's status (negative), or 0 when the failure is our own finding.
    public let status: Int32
    /// FFmpeg's words for the status, or our own finding.
    public let reason: String
    /// What FFmpeg's log said meanwhile, oldest first.
    public let log: [String]
    /// Where in the source it was noticed.
    public let location: String

    public init(
        _ code: Code, _ operation: String, file: String? = nil, status: Int32 = 0, reason: String, log: [String] = [],
        source: String = #fileID, line: Int = #line
    ) {
        (self.code, self.operation, self.file) = (code, operation, file)
        (self.status, self.reason, self.log) = (status, reason, log)
        location = "\(source):\(line)"
    }

    public var description: String {
        var text = "\(operation)"
        if let file { text += " \"\(file)\"" }
        text += ": \(reason)"
        if !log.isEmpty { text += " (FFmpeg: \(log.joined(separator: "; ")))" }
        return text
    }

    /// The same, with the file it happened to, where that wasn't known.
    func about(_ file: String) -> MediaError {
        MediaError(
            code, operation, file: self.file ?? file, status: status, reason: reason, log: log, location: location)
    }

    private init(
        _ code: Code, _ operation: String, file: String?, status: Int32, reason: String, log: [String],
        location: String
    ) {
        (self.code, self.operation, self.file, self.status) = (code, operation, file, status)
        (self.reason, self.log, self.location) = (reason, log, location)
    }

    static func cancelled(_ operation: String) -> MediaError {
        MediaError(.cancelled, operation, reason: "cancelled")
    }
}

/// Turns a status of FFmpeg into an error, here and nowhere else. Returns it when it is not negative.
@discardableResult
func check(
    _ status: Int32, _ operation: @autoclosure () -> String, file: String? = nil, code: MediaError.Code? = nil,
    source: String = #fileID, line: Int = #line
) throws(MediaError) -> Int32 {
    guard status < 0 else { return status }
    let log = LogTranscript.current?.take() ?? []
    throw MediaError(
        code ?? .init(status: status), operation(), file: file, status: status, reason: words(for: status), log: log,
        source: source, line: line)
}

/// A pointer that FFmpeg returns nil for only when memory is out or the thing doesn't exist.
func require<Pointee>(
    _ pointer: UnsafeMutablePointer<Pointee>?, _ operation: String, source: String = #fileID, line: Int = #line
) throws(MediaError) -> UnsafeMutablePointer<Pointee> {
    guard let pointer else {
        throw MediaError(
            .failed, operation, status: YT_AVERROR_ENOMEM, reason: words(for: YT_AVERROR_ENOMEM), source: source,
            line: line)
    }
    return pointer
}

/// FFmpeg's words for a status.
private func words(for status: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    av_strerror(status, &buffer, buffer.count)
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

extension MediaError.Code {
    fileprivate init(status: Int32) {
        switch status {
        case YT_AVERROR_EXIT: self = .cancelled
        case YT_AVERROR_ENOENT, YT_AVERROR_EACCES, YT_AVERROR_EISDIR: self = .unreadable
        case YT_AVERROR_INVALIDDATA: self = .damaged
        case YT_AVERROR_ENOSPC: self = .unwritable
        case YT_AVERROR_ENOSYS, YT_AVERROR_ENCODER_NOT_FOUND, YT_AVERROR_FILTER_NOT_FOUND,
            YT_AVERROR_OPTION_NOT_FOUND, YT_AVERROR_DECODER_NOT_FOUND:
            self = .unsupported
        default: self = .failed
        }
    }
}
