import Foundation
import Production
import Testing

@testable import GeneratedArt

@Suite struct `Generated art` {
    @Test func `is the same for the same brief, palette, size and seed, and differs in each of them`() async throws {
        try await inFolder { folder in
            let base = try await draw(in: folder)
            #expect(try await draw(in: folder) == base)
            let others = [
                try await draw(about: "rivers", in: folder), try await draw(palette: .ember, in: folder),
                try await draw(width: 170, in: folder), try await draw(seed: 8, in: folder),
            ]
            #expect(Set(others + [base]).count == 5)
        }
    }

    @Test func `is of another kind in each scene of a video`() {
        for first in [0, 1, 77, 4_200, UInt64.max - 400] as [UInt64] {
            // Wherever a block of seeds begins, only its first and the one before may be alike.
            let kinds = (0..<44).map { ArtFamily(seed: first + $0) }
            let repeats = zip(kinds, kinds.dropFirst()).count { $0 == $1 }
            #expect(repeats <= 4)
            #expect(Set(kinds).count == ArtFamily.allCases.count)
        }
        let block = (0..<11).map { ArtFamily(seed: 22 + $0) }
        #expect(Set(block).count == 11)
    }

    @Test(arguments: ArtFamily.allCases)
    func `fills the frame and leaves the lower third to captions, in every palette`(family: ArtFamily) throws {
        for (index, palette) in Palette.allCases.enumerated() {
            let (width, height) = index.isMultiple(of: 2) ? (192, 108) : (108, 192)
            let picture = try paint(family, palette, width, height, seed: UInt64(index))

            let upper = picture.luminances(rows: 0..<(height * 6 / 10)).sorted()
            #expect(upper[upper.count * 98 / 100] - upper[upper.count / 50] > 0.008, "\(family) \(palette) is empty")
            #expect(upper[upper.count / 2] < 0.75, "\(family) \(palette) glares")

            // White on it has the contrast that WCAG 2 asks of normal text, 4.5, nearly everywhere.
            let lower = picture.luminances(rows: (height * 3 / 4)..<height).sorted()
            let contrast = 1.05 / (lower[lower.count * 99 / 100] + 0.05)
            #expect(contrast >= 4.5, "\(family) \(palette) \(width)×\(height)")
        }
    }

    @Test(arguments: ArtFamily.allCases)
    func `can be painted in odd and extreme shapes`(family: ArtFamily) throws {
        for (width, height) in [(16, 16), (17, 33), (333, 16), (16, 239), (101, 51)] {
            for seed in 0..<2 as Range<UInt64> {
                let picture = try paint(family, .ocean, width, height, seed: seed)
                #expect(picture.width == width && picture.height == height)
            }
        }
    }

    @Test func `has no steps in its gradients: neighbours differ by grain everywhere`() throws {
        let picture = try paint(.beams, .midnight, 240, 135)
        var longest = 0
        for row in 0..<picture.height {
            var run = 0
            for column in 1..<picture.width {
                let at = (row * picture.width + column) * 3
                run = picture.bytes[at..<(at + 3)] == picture.bytes[(at - 3)..<at] ? run + 1 : 0
                longest = max(longest, run)
            }
        }
        // A band would be a run of equal pixels as wide as itself. Black corners may be still for a little.
        #expect(longest < 40)
    }

    @Test func `gives way to the channel's own picture, PNG or JPEG, byte by byte`() async throws {
        try await inFolder { folder in
            let heads: [[UInt8]] = [
                [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3], [0xFF, 0xD8, 0xFF, 0xE0, 9, 8, 7],
            ]
            for bytes in heads {
                let own = folder.appending(path: "own")
                try Data(bytes).write(to: own)
                #expect(try await draw(own: own.path, in: folder) == Data(bytes))
            }
        }
    }

    @Test func `refuses for good an own picture that is neither, and names it`() async throws {
        try await inFolder { folder in
            for text in ["GIF89a and so on", ""] {
                let own = folder.appending(path: "own picture.gif")
                try Data(text.utf8).write(to: own)
                let failure = await #expect(throws: StageFailure.self) { try await draw(own: own.path, in: folder) }
                #expect(failure?.kind == .permanent)
                #expect(failure?.description.contains(own.path) == true)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["own picture.gif"])
            }
        }
    }

    @Test func `is drawn where the own picture is missing or a folder`() async throws {
        try await inFolder { folder in
            let drawn = try await draw(in: folder)
            #expect(try await draw(own: folder.appending(path: "nothing.png").path, in: folder) == drawn)
            #expect(try await draw(own: folder.path, in: folder) == drawn)
        }
    }

    @Test func `writes nothing when cancelled`() async throws {
        try await inFolder { folder in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await draw(in: folder)
            }
            let failure = await #expect(throws: StageFailure.self) { try await task.value }
            #expect(failure?.kind == .transient())
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left.isEmpty)
        }
    }

    @Test func `refuses sizes it can't draw, and folders that are not there`() async throws {
        try await inFolder { folder in
            for width in [-1, 0, 15, 8_193] {
                let failure = await #expect(throws: StageFailure.self) { try await draw(width: width, in: folder) }
                #expect(failure?.kind == .permanent)
            }
            let failure = await #expect(throws: StageFailure.self) {
                try await draw(in: folder.appending(path: "nowhere"))
            }
            #expect(failure?.kind == .transient())
            #expect(failure?.description.contains("nowhere") == true)
        }
    }

    private func paint(
        _ family: ArtFamily, _ palette: Palette, _ width: Int, _ height: Int, seed: UInt64 = 3
    ) throws -> DecodedPNG {
        var dice = Dice(seed: seed, words: "test")
        let painting = Painting(
            Frame(width: width, height: height), family: family, inks: Inks(palette), dice: &dice)
        return try DecodedPNG(painting.png(cancelled: Flag()))
    }

    /// Draws into `FOLDER/picture.png`, reads it and removes it.
    @discardableResult
    private func draw(
        about: String = "mountains", own: String? = nil, palette: Palette = .forest, width: Int = 160, seed: UInt64 = 7,
        in folder: URL
    ) async throws -> Data {
        let file = folder.appending(path: "picture.png")
        try await GeneratedArt().illustrate(
            PictureBrief(about: about, file: own), palette: palette, width: width, height: 90, seed: seed, to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try Data(contentsOf: file)
    }
}

/// Runs `body` in a folder of its own, which is removed afterwards.
private func inFolder(_ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "generated-art-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder)
}
