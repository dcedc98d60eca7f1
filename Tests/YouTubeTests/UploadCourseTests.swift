import Testing

@testable import YouTube

@Suite struct `An upload's course` {
    private func answer(
        _ course: inout UploadCourse, _ status: Int, _ range: String? = nil, asked: Bool = true, wish: Duration? = nil
    ) -> UploadCourse.Move { course.answered(status: status, range: range, asked: asked, retryAfter: wish) }

    @Test func `goes on exactly after the last byte that the server names`() {
        var course = UploadCourse(total: 1_000_000)
        #expect(answer(&course, 308, "bytes=0-524287") == .send(from: 524_288))
        #expect(course.confirmed == 524_288)
        // Less than before: the server's word counts, not ours.
        #expect(answer(&course, 308, "bytes=0-262143") == .send(from: 262_144))
        #expect(answer(&course, 308) == .send(from: 0), "no range means nothing is there")
        #expect(answer(&course, 308, "bytes 0-99") == .send(from: 100))
    }

    @Test(arguments: [
        "bytes=5-10", "bytes=0-1000000", "bytes=0-", "bytes=-5", "0-5", "bytes=0--1", "bytes=0-5,7-9", "x",
    ])
    func `asks again where a range can't be true`(_ range: String) {
        var course = UploadCourse(total: 1_000_000)
        #expect(answer(&course, 308, range) == .ask(after: .seconds(1)))
        #expect(course.confirmed == 0)
    }

    @Test func `waits where all is there and no video yet`() {
        var course = UploadCourse(total: 100)
        #expect(answer(&course, 308, "bytes=0-99", asked: false) == .ask(after: .seconds(1)))
        #expect(answer(&course, 308, "bytes=0-99", wish: .seconds(9)) == .ask(after: .seconds(9)))
        #expect(answer(&course, 201) == .done)
    }

    @Test func `ends without headway after a few breaks, and never while there is some`() {
        var course = UploadCourse(total: 10_000_000)
        for step in 1...30 {
            #expect(course.broke("reset") == .ask(after: .seconds(1)))
            #expect(answer(&course, 308, "bytes=0-\(step * 262_144 - 1)") == .send(from: Int64(step) * 262_144))
        }
        var waits: [Duration] = []
        for _ in 0..<UploadCourse.patience {
            if case .ask(let wait) = course.broke("reset") { waits.append(wait) }
            _ = answer(&course, 308, "bytes=0-\(30 * 262_144 - 1)")
        }
        #expect(waits == [1, 2, 4, 8, 16, 16].map { .seconds($0) })
        guard case .giveUp(nil, let why) = course.broke("reset") else {
            return #expect(Bool(false), "it goes on for ever")
        }
        #expect(why.contains("of 10000000 bytes"))
    }

    @Test func `obeys a wish to wait, and gives a long one back to the job`() {
        var course = UploadCourse(total: 100)
        #expect(answer(&course, 503, wish: .seconds(7)) == .ask(after: .seconds(7)))
        guard case .giveUp(.seconds(600)?, _) = answer(&course, 503, wish: .seconds(600)) else {
            return #expect(Bool(false), "it waits for ten minutes")
        }
    }

    @Test func `renews a refused token once`() {
        var course = UploadCourse(total: 100)
        #expect(answer(&course, 401) == .renewToken)
        #expect(answer(&course, 401) == .refused)
        var other = UploadCourse(total: 100)
        #expect(answer(&other, 401) == .renewToken)
        #expect(answer(&other, 308) == .send(from: 0))
        #expect(answer(&other, 401, asked: false) == .renewToken, "the next one may have run out again")
    }

    @Test(arguments: [400, 403, 412, 302]) func `takes other answers for what they are`(_ status: Int) {
        var course = UploadCourse(total: 100)
        #expect(answer(&course, status) == .refused)
    }
}
