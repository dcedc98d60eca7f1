import Testing

@testable import Media

@Suite struct `A picture's motion` {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `never stands still, and stays inside the picture`(seed: UInt64) {
        let motion = Motion(seed: seed, duration: 6)
        let windows = (0...180).map { motion.window(at: Double($0) / 180) }
        #expect(zip(windows, windows.dropFirst()).allSatisfy { $0 != $1 })
        #expect(windows.allSatisfy { (1...Motion.greatestZoom + 1e-9).contains($0.zoom) })
        #expect(windows.allSatisfy { (0...1).contains($0.x) && (0...1).contains($0.y) })
        #expect(motion == Motion(seed: seed, duration: 6))
    }

    @Test func `differs by seed`() {
        #expect(Set((0..<50).map { Motion(seed: $0, duration: 6).start.x }).count == 50)
    }

    @Test func `moves by parts of a sample, without trembling`() throws {
        let workshop = try Workshop()
        // A soft edge in the middle: where it crosses half brightness is its place.
        let picture = try workshop.picture("edge.ppm", width: 640, height: 360) { x, _ in
            let level = UInt8(max(0, min(255, 128 + (x - 320) * 12)))
            return Colour(red: level, green: level, blue: level)
        }
        let (size, flag) = (Workshop.small, CancellationFlag())
        let motion = Motion(seed: 4, duration: 8)
        let moving = try MovingPicture(picture, size: size, motion: motion, flag: flag)
        let pool = try FramePool(size)
        let places = try (0..<60).map { number -> Double in
            let frame = try pool.frame()
            moving.draw(at: Double(number) / 240, into: frame)
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
