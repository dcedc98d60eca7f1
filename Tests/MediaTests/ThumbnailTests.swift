import Foundation
import Media
import Testing

@Suite struct `A thumbnail` {
    static let size = FrameSize(width: 1280, height: 720) ?? .horizontal

    @Test(arguments: ["Three words here", "日本語 {\\b1} 100%", String(repeating: "much too long ", count: 20)])
    func `is a small JPEG with big words`(title: String) async throws {
        let workshop = try Workshop()
        // Noise is the most that a JPEG can be asked for.
        var state: UInt32 = 1
        let noise = try workshop.picture("noise.ppm", width: 640, height: 640) { _, _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Colour(state >> 8)
        }
        let path = workshop.path("thumbnail.jpg")
        let bytes = try await Thumbnail(picture: noise, title: title).write(to: path)
        #expect(bytes <= 2_000_000)
        #expect(try Data(contentsOf: URL(filePath: path)).count == Int(bytes))
        let probe = try await MediaProbe.probe(path, depth: .headers)
        #expect(probe.video?.codec == "mjpeg")
        #expect((probe.video?.width, probe.video?.height) == (1280, 720))
        #expect(try workshop.files == ["noise.ppm", "thumbnail.jpg"])
    }

    /// As large as on a telephone.
    private func seen(_ path: String, _ workshop: Workshop, _ shape: Thumbnail.Shape) throws -> Picture {
        let (width, height) = shape == .vertical ? (180, 320) : (320, 180)
        let bytes = [UInt8](
            try workshop.run(
                "ffmpeg", "-i", path, "-vf", "scale=\(width):\(height):flags=area", "-f", "rawvideo", "-pix_fmt",
                "rgb24", "-"))
        return Picture(width: width, height: height, bytes: bytes)
    }

    @Test(arguments: Thumbnail.Shape.allCases, [UInt32(0xFFFFFF), 0x808080, 0xFFC857])
    func `has words that are told from any picture, within the margins`(shape: Thumbnail.Shape, colour: UInt32)
        async throws
    {
        let workshop = try Workshop()
        let picture = try workshop.flat("flat.ppm", Colour(colour))
        var looks: [Picture] = []
        for variant in Thumbnail.Variant.allCases {
            let path = workshop.path("\(variant).jpg")
            try await Thumbnail(picture: picture, title: "Big bold words", shape: shape, variant: variant).write(
                to: path)
            let look = try seen(path, workshop, shape)
            looks.append(look)
            // What is read: light letters on a dark ground, but dark ones on a band of the accent colour.
            let isBand = variant == .band
            if isBand || colour != 0xFFFFFF {
                let letters = look.places { isBand ? $0.luminance < 0.02 : $0.luminance > 0.9 }
                #expect(letters.count > 300)
                #expect(
                    letters.allSatisfy {
                        $0.x >= 8 && $0.x < look.width - 8 && $0.y > look.height / 8 && $0.y < look.height * 93 / 100
                    })
            }
            // The ground beside the middle line of the words.
            let y = shape == .vertical ? (variant == .block ? 0.28 : 0.44) : 0.5
            if !isBand {
                let ground = look[variant == .block ? 6 : 4, Int(y * Double(look.height))]
                #expect(Colour(0xFFFFFF).contrast(with: ground) > 4.5, "\(variant)")
                #expect(Cut.Palette.calm.accent.contrast(with: ground) > 4.5, "\(variant)")
            }
        }
        for (one, other) in [(0, 1), (0, 2), (1, 2)] {
            let difference = zip(looks[one].bytes, looks[other].bytes).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
            #expect(Double(difference) / Double(looks[one].bytes.count) > 8)
        }
    }

    @Test func `is the same when it is made again`() async throws {
        let workshop = try Workshop()
        let picture = try workshop.flat("flat.ppm", Colour(0x305070))
        let thumbnail = Thumbnail(picture: picture, title: "The same words", variant: .centre)
        try await thumbnail.write(to: workshop.path("1.jpg"))
        try await thumbnail.write(to: workshop.path("2.jpg"))
        let files = try ["1.jpg", "2.jpg"].map { try Data(contentsOf: URL(filePath: workshop.path($0))) }
        #expect(files[0] == files[1])
    }

    @Test func `names a picture that is missing`() async throws {
        let workshop = try Workshop()
        let thumbnail = Thumbnail(picture: workshop.path("none.png"), title: "x")
        let path = workshop.path("t.jpg")
        await #expect { try await thumbnail.write(to: path) } throws: {
            ($0 as? MediaError)?.code == .unreadable
        }
        #expect(try workshop.files.isEmpty)
    }
}
