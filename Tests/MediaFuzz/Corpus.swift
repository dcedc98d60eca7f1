import Foundation

/// Small whole files of each format, made by FFmpeg's program.
enum Corpus {
    private static let pictures = ["png", "jpg", "webp", "bmp", "tiff", "ppm"]
    private static let sounds: [(name: String, arguments: [String])] = [
        ("speech.wav", []), ("speech.mp3", []), ("speech.m4a", ["-c:a", "aac"]), ("speech.aac", ["-c:a", "aac"]),
        ("speech.ogg", ["-c:a", "libvorbis"]), ("speech.opus", ["-c:a", "libopus"]), ("speech.flac", []),
    ]
    private static let films: [(name: String, arguments: [String])] = [
        ("film.gif", []), ("h264.mp4", ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]),
        ("h264.ts", ["-c:v", "libx264", "-pix_fmt", "yuv420p"]),
        ("hevc.mp4", ["-c:v", "libx265", "-x265-params", "log-level=0", "-pix_fmt", "yuv420p10le"]),
        ("vp9.mkv", ["-c:v", "libvpx-vp9", "-deadline", "realtime"]), ("vp8.webm", ["-c:v", "libvpx"]),
        ("av1.mp4", ["-c:v", "libsvtav1", "-preset", "12", "-pix_fmt", "yuv420p"]),
        ("prores.mov", ["-c:v", "prores_ks"]), ("mpeg4.avi", ["-c:v", "mpeg4", "-c:a", "libmp3lame"]),
        ("mpeg2.mpg", ["-c:v", "mpeg2video", "-flags", "+ildct+ilme"]), ("motion.avi", ["-c:v", "mjpeg"]),
        ("theora.ogv", ["-c:v", "libtheora", "-c:a", "libvorbis"]), ("wmv.asf", ["-c:v", "wmv2", "-c:a", "wmav2"]),
        ("flash.flv", ["-c:v", "flv1", "-ar", "44100"]), ("anim.png", ["-f", "apng"]), ("ffv1.mkv", ["-c:v", "ffv1"]),
    ]

    /// Formats that this FFmpeg can't write are left out, and named.
    static func make(in folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var missing: [String] = []
        func make(_ name: String, _ arguments: [String]) throws {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.standardError = FileHandle.nullDevice
            process.arguments = ["ffmpeg", "-v", "quiet", "-nostdin", "-y"] + arguments + [folder + "/" + name]
            try process.run()
            process.waitUntilExit()
            if process.terminationStatus != 0 {
                missing.append(name)
                try? FileManager.default.removeItem(atPath: folder + "/" + name)
            }
        }
        let picture = ["-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=0.6"]
        let sound = ["-f", "lavfi", "-i", "sine=f=300:r=48000:d=0.6"]
        for kind in pictures { try make("still.\(kind)", picture + ["-frames:v", "1", "-update", "1"]) }
        try turn(folder + "/still.jpg", into: folder + "/still-turned.jpg")
        for (name, arguments) in sounds { try make(name, sound + arguments) }
        for (name, arguments) in films { try make(name, picture + sound + arguments + ["-shortest"]) }
        if !missing.isEmpty { say("fuzz: without \(missing.joined(separator: ", "))") }
    }

    /// A JPEG whose EXIF says that it is to be turned to the right, which FFmpeg's program can't write.
    private static func turn(_ picture: String, into turned: String) throws {
        let entry: [UInt8] = [0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]
        let exif = Array("Exif\0\0II*\0".utf8) + [8, 0, 0, 0, 1, 0] + entry + [0, 0, 0, 0]
        let bytes = try Data(contentsOf: URL(filePath: picture))
        let segment = [0xFF, 0xE1, 0, UInt8(exif.count + 2)] + exif
        try (bytes.prefix(2) + segment + bytes.dropFirst(2)).write(to: URL(filePath: turned))
    }
}
