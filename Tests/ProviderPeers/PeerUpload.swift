import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// An upload session of the YouTube peer: keeps no bytes, only their hash as far as they are confirmed, which is always a
/// multiple of 256 KiB, or all of them.
final class PeerUpload: Sendable {
    struct State {
        var confirmed: Int64 = 0
        var hash = SHA256()
        /// Came after the last confirmed byte, and is lost with the connection.
        var pending = ByteBuffer()
        /// Hashes at every multiple, for small uploads: what is confirmed may be forgotten again.
        var marks: [Int64: SHA256] = [:]
        var forgetsTo: Int64?
        var video: String?
        /// First bytes of the pieces that were sent, in order.
        var starts: [Int64] = []
        /// All that came, the lost among it.
        var received: Int64 = 0
        /// Bytes that came though they were confirmed when their piece began.
        var again: Int64 = 0
    }

    static let step: Int64 = 256 << 10

    let account: String
    let total: Int64
    /// The video's resource, as it was given.
    let metadata: [UInt8]
    let fileName: String
    let state = Mutex(State())

    init(account: String, total: Int64, metadata: [UInt8], fileName: String) {
        (self.account, self.total, self.metadata, self.fileName) = (account, total, metadata, fileName)
    }

    func begin(at first: Int64) {
        state.withLock {
            $0.starts.append(first)
            $0.pending = ByteBuffer()
        }
    }

    func take(_ piece: ByteBuffer) {
        state.withLock { state in
            var piece = piece
            state.received += Int64(piece.readableBytes)
            state.pending.writeBuffer(&piece)
            while let chunk = state.pending.readSlice(length: Int(Self.step)) { confirm(chunk, &state) }
            state.pending.discardReadBytes()
        }
    }

    private func confirm(_ chunk: ByteBuffer, _ state: inout State) {
        if total <= 64 << 20 { state.marks[state.confirmed] = state.hash }
        chunk.withUnsafeReadableBytes { state.hash.update(bufferPointer: $0) }
        state.confirmed += Int64(chunk.readableBytes)
    }

    /// The connection is gone, and what was not confirmed with it.
    func broke() {
        state.withLock { state in
            state.pending = ByteBuffer()
            guard let place = state.forgetsTo, let mark = state.marks[place] else { return }
            (state.confirmed, state.hash, state.forgetsTo) = (place, mark, nil)
        }
    }

    /// The bytes' SHA-256 if now all of them are there; nil if not.
    func finish() -> String? {
        state.withLock { state in
            guard state.confirmed + Int64(state.pending.readableBytes) == total else {
                state.pending = ByteBuffer()
                return nil
            }
            let rest = state.pending
            state.pending = ByteBuffer()
            confirm(rest, &state)
            return state.hash.finalize().map { String(format: "%02x", $0) }.joined()
        }
    }
}
