import CPostgres
import Logging

/// Takes the server's notices ("relation … already exists, skipping") to the log, instead of libpq's stderr.
final class NoticeLog: Sendable {
    private let logger: Logger

    init(_ logger: Logger) {
        self.logger = logger
    }

    /// The connection does not keep the log alive: whoever holds the one must hold the other.
    func attach(to connection: OpaquePointer) {
        let log = Unmanaged.passUnretained(self).toOpaque()
        PQsetNoticeProcessor(
            connection,
            { log, message in
                guard let log, let message else { return }
                Unmanaged<NoticeLog>.fromOpaque(log).takeUnretainedValue().write(String(cString: message))
            }, log)
    }

    private func write(_ message: String) {
        logger.debug("postgres notice", metadata: ["notice": "\(message.trimmingSuffix(while: \.isWhitespace))"])
    }
}
