public import Foundation

/// The hardware encoder's sessions of one machine, shared by all of its processes: a driver allows only so many at once,
/// whoever opens them. Each is a file in one folder; who holds its lock (`flock`) holds the session. The kernel gives a lock
/// back when its process dies, however it dies, so that none is ever lost.
public struct EncoderSlots: Sendable, Hashable {
    /// Who uses a slot.
    public struct Holder: Sendable, Hashable, Codable {
        /// From 0 on.
        public let slot: Int
        public let process: Int32
        public let since: Date
        /// What for: the encoder and the video's size.
        public let purpose: String

        public init(slot: Int, process: Int32, since: Date, purpose: String) {
            (self.slot, self.process, self.since, self.purpose) = (slot, process, since, purpose)
        }
    }

    /// GeForce drivers of 2020 allowed three sessions for a whole machine, newer ones five, eight and more; cards for work
    /// stations have no limit (NVIDIA's encode and decode support matrix). Three work everywhere.
    public static let defaultCount = 3

    /// The same for all processes that share the GPUs. Made where it is missing.
    public let folder: String
    /// How many sessions there are, 1 to 64.
    public let count: Int

    public init(folder: String, count: Int = EncoderSlots.defaultCount) {
        (self.folder, self.count) = (folder, min(max(count, 1), 64))
    }

    /// The slots that are taken now, by their number. Holds nobody up; a slot whose holder is just writing its name is left out.
    public func holders() -> [Holder] {
        (0..<count).compactMap { slot in
            let file = open(path(slot), O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { return nil }
            defer { close(file) }
            // Where a lock can be had nobody holds it; what the file says is then of someone who is gone.
            guard flock(file, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
            var bytes = [UInt8](repeating: 0, count: 1024)
            let length = pread(file, &bytes, bytes.count, 0)
            let note = try? JSONDecoder().decode(Note.self, from: Data(bytes.prefix(max(0, length))))
            return note.map {
                Holder(
                    slot: slot, process: $0.process, since: Date(timeIntervalSince1970: $0.since), purpose: $0.purpose)
            }
        }
    }

    /// Takes a slot that is free; nil: all are taken.
    func take(for purpose: String, now: Date = Date()) throws(MediaError) -> EncoderSlot? {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw MediaError(.unwritable, "create folder", file: folder, reason: "\(error)")
        }
        for slot in 0..<count {
            let file = open(path(slot), O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
            guard file >= 0 else {
                throw MediaError(.unwritable, "open", file: path(slot), reason: String(cString: strerror(errno)))
            }
            // Workers of different users share it. Only the owner can say so, and has.
            _ = fchmod(file, 0o666)
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
                close(file)
                continue
            }
            let note = Note(process: getpid(), since: now.timeIntervalSince1970, purpose: String(purpose.prefix(200)))
            let text = (try? JSONEncoder().encode(note)) ?? Data()
            _ = ftruncate(file, 0)
            _ = text.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
            return EncoderSlot(number: slot, file: file)
        }
        return nil
    }

    /// Waits for a slot; nil: none came free in time. Blocks.
    func wait(
        for purpose: String, atMost limit: Duration, flag: CancellationFlag
    ) throws(MediaError) -> EncoderSlot? {
        let end = ContinuousClock.now + limit
        while true {
            try flag.check("wait for an encoder")
            if let slot = try take(for: purpose) { return slot }
            guard ContinuousClock.now < end else { return nil }
            // A lock can't be waited for together with a cancellation. Sessions are held for minutes: this is often enough.
            Thread.sleep(forTimeInterval: 0.1)
        }
    }

    private struct Note: Codable {
        let process: Int32
        let since: Double
        let purpose: String
    }

    private func path(_ slot: Int) -> String { "\(folder)/session-\(slot).lock" }
}

/// A session that this process may open. Free again when nothing refers to it.
final class EncoderSlot: Sendable {
    let number: Int
    private let file: Int32

    fileprivate init(number: Int, file: Int32) { (self.number, self.file) = (number, file) }

    deinit { close(file) }
}
