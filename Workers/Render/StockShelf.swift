import Fleet
import Foundation
import HTTP
import Ledger
import Production
import Stock

/// The stock libraries that the configuration switches on.
struct StockShelf: Sendable {
    private let libraries: [any StockLibrary]
    private let settings: StockSearch.Settings

    /// Nil if there is none.
    init?(_ configuration: FleetConfiguration.Stock, by caller: HTTPCaller, memory: any StockMemory) {
        var all = StockLibraries()
        let sizeLimit = configuration.sizeLimit << 20
        if let library = configuration.pexels {
            var pexels = Pexels.Settings(key: library.key)
            (pexels.photosURL, pexels.filmsURL) = (library.url, configuration.pexelsFilmsURL)
            (pexels.callsPerHour, pexels.sizeLimit) = (library.calls, sizeLimit)
            all.pexels = pexels
        }
        if let library = configuration.unsplash {
            var unsplash = Unsplash.Settings(key: library.key)
            (unsplash.url, unsplash.callsPerHour, unsplash.sizeLimit) = (library.url, library.calls, sizeLimit)
            all.unsplash = unsplash
        }
        if let library = configuration.pixabay {
            var pixabay = Pixabay.Settings(key: library.key)
            (pixabay.url, pixabay.callsPerMinute, pixabay.sizeLimit) = (library.url, library.calls, sizeLimit)
            all.pixabay = pixabay
        }
        libraries = all.all(by: caller, memory: memory)
        guard !libraries.isEmpty else { return nil }
        var settings = StockSearch.Settings()
        settings.taste = StockTaste(configuration.preference)
        settings.rest = configuration.rest
        self.settings = settings
    }

    /// What finds stock for one attempt's video.
    func search(for task: StageTask) async throws -> StockSearch {
        StockSearch(
            libraries: libraries, memory: task.ledger, files: JobStockFiles(task: task), settings: settings,
            job: task.assignment.job, channel: task.assignment.channel.id, folder: try await task.scratch.made())
    }
}

extension StockTaste {
    fileprivate init(_ preference: FleetConfiguration.Stock.Preference) {
        self =
            switch preference {
            case .mixed: .mixed
            case .films: .films
            case .photos: .photos
            }
    }
}
