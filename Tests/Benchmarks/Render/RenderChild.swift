import ArgumentParser
import Foundation
import Media

/// Our side of a render benchmark, as a process of its own, so that its memory can be measured and that it can be killed.
struct RenderChild: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render-child", abstract: "Render one cut; used by the render benchmarks.", shouldDisplay: false)

    @Argument var cut: String
    @Argument var output: String
    @Option var lanes = 0
    @Option var keep: String?

    func run() async throws {
        let cut = try JSONDecoder().decode(Cut.self, from: Data(contentsOf: URL(filePath: cut)))
        let store = try keep.map { try FolderStore(URL(filePath: $0)) }
        let report = try await VideoRenderer(lanes: lanes).render(cut, to: output, keeping: store) { progress in
            // Straight to the pipe: what a buffer holds dies with the process.
            FileHandle.standardOutput.write(Data("\(progress.framesDone)\n".utf8))
        }
        FileHandle.standardOutput.write(Data("kept \(report.framesKept)\n".utf8))
    }
}

/// Keeps pieces in a folder.
struct FolderStore: SegmentStore {
    private let folder: URL

    init(_ folder: URL) throws {
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func find(_ key: String) async throws -> String? {
        let path = folder.appending(path: key).path(percentEncoded: false)
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    func keep(_ file: String, as key: String) async throws -> String {
        let path = folder.appending(path: key).path(percentEncoded: false)
        guard rename(file, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        return path
    }
}

/// Starts our side.
enum OurRender {
    static func start(_ cut: Cut, in set: RenderSet, to path: String, lanes: Int = 0, keep: String? = nil) throws
        -> ChildProcess
    {
        let file = set.path("cut-\(UUID().uuidString).json")
        try JSONEncoder().encode(cut).write(to: URL(filePath: file))
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return try ChildProcess(
            [program, "render-child", file, path, "--lanes", "\(lanes)"] + (keep.map { ["--keep", $0] } ?? []))
    }

    static func run(_ cut: Cut, in set: RenderSet, to path: String, lanes: Int = 0) throws -> ChildProcess.Cost {
        let child = try start(cut, in: set, to: path, lanes: lanes)
        child.lines { _ in }
        let cost = child.wait()
        guard cost.status == 0 else { throw ChildProcess.Failure(program: "our render", status: cost.status) }
        return cost
    }
}
