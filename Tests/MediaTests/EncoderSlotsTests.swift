import Foundation
import Synchronization
import Testing

@testable import Media

@Suite struct `The slots of the hardware encoder` {
    private let workshop: Workshop
    private let slots: EncoderSlots

    init() throws {
        workshop = try Workshop()
        slots = EncoderSlots(folder: workshop.path("slots"), count: 2)
    }

    /// Another process that holds the slot until it is killed.
    private func holder(of slot: Int) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "flock", "--exclusive", "\(slots.folder)/session-\(slot).lock", "sh", "-c", "echo held; exec sleep 600",
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        #expect(try output.fileHandleForReading.read(upToCount: 5) == Data("held\n".utf8))
        return process
    }

    /// Kills a process and those it has started, which hold the lock too.
    private func kill(_ process: Process) {
        let children =
            (try? String(
                contentsOfFile: "/proc/\(process.processIdentifier)/task/\(process.processIdentifier)/children",
                encoding: .utf8)) ?? ""
        for child in children.split(separator: " ").compactMap({ Int32($0) }) { Foundation.kill(child, SIGKILL) }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    @Test func `are so many, and free again when they are let go of`() throws {
        var first = try slots.take(for: "one")
        let second = try #require(try slots.take(for: "two"))
        #expect(first != nil)
        #expect(try slots.take(for: "three") == nil)
        let holders = slots.holders()
        #expect(holders.map(\.purpose) == ["one", "two"])
        #expect(holders.allSatisfy { $0.process == getpid() && abs($0.since.timeIntervalSinceNow) < 60 })
        first = nil
        #expect(slots.holders().map(\.slot) == [second.number])
        #expect(try slots.take(for: "three")?.number == 0)
    }

    @Test func `are shared with other processes, and come back when one is killed`() throws {
        // The folder comes with the first taker.
        _ = try slots.take(for: "first")
        let others = [try holder(of: 0), try holder(of: 1)]
        defer { others.forEach(kill) }
        #expect(try slots.take(for: "mine") == nil)
        kill(others[1])
        // The kernel closes a dead process's files before anyone is told of its death.
        let slot = try #require(try slots.wait(for: "mine", atMost: .seconds(20), flag: CancellationFlag()))
        #expect(slot.number == 1)
    }

    @Test func `are waited for, until the limit or a cancellation`() async throws {
        let slots = EncoderSlots(folder: slots.folder, count: 1)
        let held = Mutex(try slots.take(for: "first"))
        #expect(try slots.wait(for: "second", atMost: .zero, flag: CancellationFlag()) == nil)
        let flag = CancellationFlag()
        flag.raise()
        #expect(throws: MediaError.self) { try slots.wait(for: "second", atMost: .seconds(60), flag: flag) }
        async let second = blockingWork("wait") { (flag: CancellationFlag) throws(MediaError) -> Int? in
            try slots.wait(for: "second", atMost: .seconds(60), flag: flag)?.number
        }
        held.withLock { $0 = nil }
        #expect(try await second == 0)
    }

    @Test func `say so when their folder can't be made`() throws {
        let file = try workshop.flat("file", Colour(0))
        let error = try #require(throws: MediaError.self) { try EncoderSlots(folder: file + "/slots").take(for: "") }
        #expect(error.code == .unwritable)
        #expect(EncoderSlots(folder: file + "/slots").holders().isEmpty)
    }
}
