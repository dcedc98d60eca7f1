import Media
import Testing

@Suite struct `A frame size` {
    @Test(arguments: [(1919, 1080), (1920, 0), (10, 10), (1920, 1081), (9000, 1080)])
    func `is refused where the encoder would refuse it`(width: Int, height: Int) {
        #expect(FrameSize(width: width, height: height) == nil)
    }

    @Test func `knows the way it stands`() {
        #expect(FrameSize.vertical.isVertical)
        #expect(!FrameSize.horizontal.isVertical)
    }
}
