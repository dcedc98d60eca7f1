import ArgumentParser
import ArtifactStores
import Fleet
import Foundation
import GeneratedArt
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
            at: .render, artifacts: { try $0.openArtifacts() },
            makeWork: { services in
                if let rehearsal = RehearsedWork(.render, services) { return rehearsal }
                let settings = services.configuration.render
                let slots = EncoderSlots(folder: settings.gpuSlotsPath, count: settings.gpuSlots)
                let stock = StockShelf(
                    services.configuration.stock,
                    by: try services.configuration.caller(),
                    memory: services.ledger)
                return RenderWork(
                    illustrator: GeneratedArt(), stock: stock,
                    renderer: VideoRenderer(ladder: EncoderLadder(slots: slots), lanes: settings.lanes),
                    settings: settings)
            })
    }
}
