import CAss
import Foundation

/// libass: turns a script into bitmaps. Belongs to one thread.
final class AssRenderer {
    private let library: OpaquePointer
    private let renderer: OpaquePointer
    private let notes: Notes

    /// Characters that no installed font has, of all that was drawn so far: each came out as a box.
    var missing: Set<UInt32> { notes.missing }

    /// Reading what fonts there are takes about 0.1 s where many are installed.
    init(_ size: FrameSize) throws(MediaError) {
        guard let library = ass_library_init() else {
            throw MediaError(.failed, "start libass", reason: "out of memory")
        }
        notes = Notes()
        ass_set_message_cb(
            library,
            { level, format, arguments, context in
                guard level <= 3, let format, let arguments, let context else { return }
                Unmanaged<Notes>.fromOpaque(context).takeUnretainedValue().add(format, arguments)
            }, Unmanaged.passUnretained(notes).toOpaque())
        guard let renderer = ass_renderer_init(library) else {
            ass_library_done(library)
            throw MediaError(.failed, "start libass", reason: "out of memory")
        }
        (self.library, self.renderer) = (library, renderer)
        ass_set_frame_size(renderer, Int32(size.width), Int32(size.height))
        ass_set_storage_size(renderer, Int32(size.width), Int32(size.height))
        ass_set_fonts(renderer, nil, "sans-serif", Int32(ASS_FONTPROVIDER_AUTODETECT.rawValue), nil, 1)
        // Its own limit, 128 MiB of bitmaps, is more than a lane of a render may use: a page of captions is about 1 MiB.
        ass_set_cache_limits(renderer, 1500, 24)
    }

    deinit {
        ass_renderer_done(renderer)
        ass_library_done(library)
    }

    /// Hands over the bitmaps of `script` at its beginning, in the order in which they lie on each other.
    func draw(_ script: String, _ body: (UnsafePointer<ASS_Image>) -> Void) throws(MediaError) {
        var bytes = Array(script.utf8CString)
        guard
            let track = bytes.withUnsafeMutableBufferPointer({
                ass_read_memory(library, $0.baseAddress, $0.count - 1, nil)
            })
        else { throw MediaError(.failed, "read overlay script", reason: "libass can't read it") }
        defer { ass_free_track(track) }
        var image = UnsafePointer(ass_render_frame(renderer, track, 0, nil))
        while let current = image {
            if current.pointee.w > 0, current.pointee.h > 0, current.pointee.bitmap != nil { body(current) }
            image = UnsafePointer(current.pointee.next)
        }
    }

    /// What libass says while it works. It says it from within the call, on the caller's thread.
    private final class Notes {
        var missing: Set<UInt32> = []

        func add(_ format: UnsafePointer<CChar>, _ arguments: CVaListPointer) {
            var buffer = [CChar](repeating: 0, count: 512)
            vsnprintf(&buffer, buffer.count, format, arguments)
            let text = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            guard text.contains("failed to find any fallback"), let start = text.firstRange(of: "0x")?.upperBound
            else { return }
            if let scalar = UInt32(text[start...].prefix { $0.isHexDigit }, radix: 16) { missing.insert(scalar) }
        }
    }
}
