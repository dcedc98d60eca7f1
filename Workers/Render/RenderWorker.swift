import ArgumentParser
import DiskArtifacts
import Fleet
import Foundation
import GeneratedArt
import HTTP
import Media
import Production
import Rehearsal

@main
struct RenderWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ytempire-render",
        abstract: "Renders videos: pictures, captions and sound, in process through FFmpeg's libraries.",
        version: Version.current)

    @OptionGroup var options: WorkerOptions

    func run() async throws {
        try await options.work(
            at: .render, artifacts: { DiskArtifacts(root: URL(filePath: $0.artifacts)) },
            makeWork: { services in
                if let rehearsal = RehearsedWork(.render, services) { return rehearsal }
                let settings = services.configuration.render
                let slots = EncoderSlots(folder: settings.gpuSlotsPath, count: settings.gpuSlots)
                let web = services.configuration.web
                let stock = StockShelf(
                    services.configuration.stock,
                    by: try HTTPCaller(.init(proxy: web.proxy, authorities: web.authorities)),
                    memory: services.ledger)
                return RenderWork(
                    illustrator: GeneratedArt(), stock: stock,
                    renderer: VideoRenderer(ladder: EncoderLadder(slots: slots), lanes: settings.lanes),
                    settings: settings)
            })
    }
}
