import Foundation
import Testing

@testable import Fleet

@Suite struct `A second name of a file` {
    @Test func `may be moved away, any number of times, and the file stays`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "scratch-\(UUID().uuidString)")
        let scratch = Scratch(folder)
        let file = try await scratch.write(Data("piece".utf8), to: "0.nut")
        for round in 0..<2 {
            let second = try await scratch.secondName(of: file)
            #expect(try Data(contentsOf: second) == Data("piece".utf8))
            if round == 0 {
                try FileManager.default.moveItem(at: second, to: folder.appending(path: "kept elsewhere"))
            }
            #expect(try Data(contentsOf: file) == Data("piece".utf8))
        }
        // One that is still there from before is in nobody's way.
        _ = try await scratch.secondName(of: file)
        await scratch.remove()
        #expect(!FileManager.default.fileExists(atPath: folder.path(percentEncoded: false)))
    }
}
