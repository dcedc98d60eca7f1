import Testing

@testable import Media

@Suite struct `A picture's motion` {
    private static let frame = FrameSize.horizontal

    private func motion(
        over picture: (Int, Int) = (1920, 1080), seconds: Double = 6, seed: UInt64, focus: Box? = nil
    ) -> Motion {
        Motion(over: picture, for: Self.frame, seconds: seconds, seed: seed, focus: focus)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `never stands still, stays inside the picture and keeps the frame's shape`(seed: UInt64) {
        for picture in [(1920, 1080), (3000, 3000), (1080, 1920), (5000, 700)] {
            let motion = motion(over: picture, seed: seed)
            let windows = (0...180).map { motion.window(at: Double($0) / 180) }
            #expect(zip(windows, windows.dropFirst()).allSatisfy { $0 != $1 })
            #expect(windows.allSatisfy { $0.isInside })
            #expect(
                windows.allSatisfy { window in
                    let shape = window.width * Double(picture.0) / (window.height * Double(picture.1))
                    return abs(shape - 16.0 / 9) < 1e-9
                })
        }
        #expect(motion(seed: seed) == motion(seed: seed))
    }

    @Test func `differs by seed`() {
        #expect(Set((0..<50).map { motion(seed: $0).start }).count == 50)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `keeps what must not be cut in sight`(seed: UInt64) {
        // A face near the upper edge of a portrait, of which a wide frame shows less than a third.
        let face = Box(left: 0.35, top: 0.08, width: 0.3, height: 0.15)
        let motion = motion(over: (2000, 3000), seed: seed, focus: face)
        #expect((0...20).allSatisfy { motion.window(at: Double($0) / 20).contains(face) })
    }

    @Test func `shows the middle of what is too large to be seen whole`() {
        let motion = motion(over: (1000, 4000), seed: 1, focus: Box(left: 0, top: 0.2, width: 1, height: 0.4))
        #expect(abs(motion.start.top + motion.start.height / 2 - 0.4) < 1e-9)
    }

    @Test func `moves by parts of a sample, without trembling`() throws {
        let workshop = try Workshop()
        // A soft edge in the middle: where it crosses half brightness is its place.
        let picture = try workshop.picture("edge.ppm", width: 640, height: 360) { x, _ in
            let level = UInt8(max(0, min(255, 128 + (x - 320) * 12)))
            return Colour(red: level, green: level, blue: level)
        }
        let (size, flag) = (Workshop.small, CancellationFlag())
        let motion = Motion(over: (640, 360), for: size, seconds: 8, seed: 4)
        let moving = try MovingPicture(picture, size: size, motion: motion, flag: flag)
        let pool = try FramePool(size)
        let places = try (0..<60).map { number -> Double in
            let frame = try pool.frame()
            moving.draw(
                at: ShotMoment(seconds: Double(number) / 30, progress: Double(number) / 240), into: frame, with: Brush()
            )
            let plane = try #require(frame.plane(0))
            let line = (0..<plane.width).map { Double(plane.samples[90 * plane.stride + $0]) }
            let after = try #require(line.firstIndex { $0 >= 126 })
            return Double(after) - (line[after] - 126) / (line[after] - line[after - 1])
        }
        let steps = zip(places, places.dropFirst()).map { $1 - $0 }
        let mean = steps.reduce(0, +) / Double(steps.count)
        #expect(abs(mean) > 0.005)
        #expect(abs(mean) < 1)
        #expect(steps.allSatisfy { abs($0 - mean) < 0.06 })
    }
}
