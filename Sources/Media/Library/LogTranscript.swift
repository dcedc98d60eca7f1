import CFFmpeg
import Foundation
import Synchronization

/// What FFmpeg's log says while one piece of work is done. FFmpeg has one log for the whole process, written from
/// any thread: lines are routed by the thread that works, or by the handle (its `AVClass` context) they are about.
final class LogTranscript: Sendable {
    private struct Lines {
        var whole: [(level: Int32, text: String)] = []
        var unfinished = ""
    }
    /// More than FFmpeg ever says about one failure; a file damaged at every frame must not fill the memory.
    private static let limit = 24

    private let lines = Mutex(Lines())

    /// The lines so far, oldest first, warnings only where there is no error; they are then forgotten.
    func take() -> [String] {
        lines.withLock { lines in
            defer { lines = Lines() }
            let errors = lines.whole.filter { $0.level <= AV_LOG_ERROR }
            return (errors.isEmpty ? lines.whole : errors).map(\.text)
        }
    }

    /// Does `work` on this thread, listening.
    func listen<Result, Failure: Error>(_ work: () throws(Failure) -> Result) throws(Failure) -> Result {
        LogRouter.installed.listen(self, thread: LogRouter.thread)
        defer { LogRouter.installed.forget(thread: LogRouter.thread) }
        return try work()
    }

    /// The one that listens to this thread, if any does.
    static var current: LogTranscript? { LogRouter.installed.transcript(thread: LogRouter.thread) }

    /// Lines about `handle`, from whichever thread, belong to this thread's transcript until ``ignore(_:)``.
    static func follow(_ handle: UnsafeMutableRawPointer) {
        LogRouter.installed.follow(handle, thread: LogRouter.thread)
    }

    static func ignore(_ handle: UnsafeMutableRawPointer) { LogRouter.installed.ignore(handle) }

    fileprivate func append(_ fragment: String, level: Int32) {
        lines.withLock { lines in
            lines.unfinished += fragment
            guard lines.unfinished.contains("\n") else { return }
            var parts = lines.unfinished.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            lines.unfinished = parts.removeLast()
            for part in parts where !part.isEmpty && !lines.whole.contains(where: { $0.text == part }) {
                lines.whole.append((level, part))
            }
            if lines.whole.count > Self.limit { lines.whole.removeFirst(lines.whole.count - Self.limit) }
        }
    }
}

/// The process-wide receiver of `av_log`. A global because FFmpeg's callback is one and carries no context of ours.
private final class LogRouter: Sendable {
    private struct Routes {
        var threads: [UInt: LogTranscript] = [:]
        var handles: [UInt: LogTranscript] = [:]
    }
    private let routes = Mutex(Routes())

    /// Made, and set as FFmpeg's callback, at the first use.
    static let installed: LogRouter = {
        av_log_set_callback { context, level, format, arguments in
            LogRouter.installed.receive(context: context, level: level, format: format, arguments: arguments)
        }
        return LogRouter()
    }()

    static var thread: UInt { UInt(pthread_self()) }

    func listen(_ transcript: LogTranscript, thread: UInt) {
        routes.withLock { $0.threads[thread] = transcript }
    }

    func forget(thread: UInt) { _ = routes.withLock { $0.threads.removeValue(forKey: thread) } }

    func transcript(thread: UInt) -> LogTranscript? { routes.withLock { $0.threads[thread] } }

    func follow(_ handle: UnsafeMutableRawPointer, thread: UInt) {
        routes.withLock { $0.handles[UInt(bitPattern: handle)] = $0.threads[thread] }
    }

    func ignore(_ handle: UnsafeMutableRawPointer) {
        _ = routes.withLock { $0.handles.removeValue(forKey: UInt(bitPattern: handle)) }
    }

    private func receive(
        context: UnsafeMutableRawPointer?, level: Int32, format: UnsafePointer<CChar>?, arguments: CVaListPointer?
    ) {
        guard level <= AV_LOG_WARNING, let format, let arguments else { return }
        guard let transcript = transcript(context: context) else {
            // Not ours: another user of FFmpeg in this process hears what it would have heard without us.
            return av_log_default_callback(context, level, format, arguments)
        }
        var buffer = [CChar](repeating: 0, count: 1024)
        var wantsPrefix: Int32 = 0
        av_log_format_line(context, level, format, arguments, &buffer, Int32(buffer.count), &wantsPrefix)
        transcript.append(
            String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self), level: level)
    }

    private func transcript(context: UnsafeMutableRawPointer?) -> LogTranscript? {
        let thread = Self.thread
        return routes.withLock { routes in
            if let transcript = routes.threads[thread] { return transcript }
            var handle = context
            while let known = handle {
                if let transcript = routes.handles[UInt(bitPattern: known)] { return transcript }
                handle = yt_log_parent(known)
            }
            return nil
        }
    }
}
